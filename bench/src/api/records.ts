import type { Installation } from '../installation.ts';
import type { Parameters } from '../parameters.ts';
import { seedJobs, seedRuns } from '../seeding.ts';
import { queueOf } from '../workloads/start-up.ts';

const DAY_MS = 86_400_000;
/** Different records that are asked for: enough that it is not one that stays at hand. */
const DIFFERENT = 500;

/** Adds jobs that are not due, and runs of them; gives the paths of some of each, from everywhere. */
export async function addRecords(
  installation: Installation,
  mongodbUrl: string,
  parameters: Pick<Parameters, 'jobs' | 'runs' | 'topology'>,
): Promise<{ jobPaths: string[]; runPaths: string[] }> {
  const dueAt = Date.now() + DAY_MS;
  const jobs = await seedJobs(installation, mongodbUrl, {
    count: parameters.jobs,
    template: {
      interval: DAY_MS,
      nextRunAt: new Date(dueAt).toISOString(),
      allowConcurrentRuns: true,
      ...queueOf(parameters),
    },
    dueAt: (index) => dueAt + index,
  });
  const runIds = await seedRuns(installation, mongodbUrl, { jobs, count: parameters.runs });
  return {
    jobPaths: spread(jobs).map(({ name }) => `/api/jobs/${name}`),
    runPaths: spread(runIds).map((id) => `/api/runs/${id}`),
  };
}

function spread<T>(all: readonly T[]): T[] {
  const step = Math.max(1, Math.floor(all.length / DIFFERENT));
  return all.filter((_, index) => index % step === 0).slice(0, DIFFERENT);
}
