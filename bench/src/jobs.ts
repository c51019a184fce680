import { randomBytes } from 'node:crypto';
import { jobCreateSchema } from '@simple-scheduler/contracts';
import { newJob, type Store } from '@simple-scheduler/engine';

/** As the API takes it; checked when it is added. */
export type JobInput = Readonly<Record<string, unknown>>;

const IN_FLIGHT = 64;

/**
 * Adds jobs as the API would, less its HTTP: the same checks and defaults, one durable write each, many at a time. Nobody
 * is told of them: do it before schedulers start.
 */
export async function addJobs(store: Store, count: number, input: (index: number) => JobInput): Promise<void> {
  let next = 0;
  const add = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const job = newJob(jobCreateSchema.parse(input(index)), {
        uid: randomBytes(12).toString('hex'),
        now: Date.now(),
      });
      if ((await store.insertJob(job)) !== 'inserted') throw new Error(`There is a job ${job.name} already`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, add));
}

export function jobName(index: number): string {
  return `job-${String(index).padStart(6, '0')}`;
}
