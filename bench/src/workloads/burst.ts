// W2: once jobs that are all due at the same moment; until each was received, and until each is completed in the store. Twice
// in the same processes, since a scheduler runs for weeks: the figures are those of the second time, when code that was
// compiled during the first one is all there.
import { waitFor } from '@simple-scheduler/testkit';
import { countCommands } from '../commands.ts';
import { type Installation, install } from '../installation.ts';
import { distribution, rate, round } from '../latency.ts';
import { allRuns, countTicks, latenessOf, runsEnded } from '../ledger.ts';
import type { Parameters } from '../parameters.ts';
import { seedJobs } from '../seeding.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import type { Worker } from '../worker/worker.ts';
import {
  checkInTime,
  complaintsOf,
  preparationMs,
  queueOf,
  startWorkerFor,
  untilHeld,
  untilNoneHeld,
} from './start-up.ts';
import type { Measurement, Workload, WorkloadContext } from './workload.ts';

/** Before the moment: the counters are read first. */
const COUNTING_MS = 100;
const TIME_LIMIT_MS = 180_000;
const DAY_MS = 86_400_000;

export const burst: Workload = async (context) => {
  const { servers, parameters, profileFolder } = context;
  await using installation = await install(servers, profileFolder);
  await using worker = await startWorkerFor({ ...parameters, jobs: 2 * parameters.jobs }, installation.amqpUrl);
  const schedulers = await installation.startSchedulers(parameters.schedulers);
  const first = await measureBurst(context, { installation, worker, firstIndex: 0 });
  await untilNoneHeld(schedulers);
  const second = await measureBurst(context, { installation, worker, firstIndex: parameters.jobs });
  return { ...second, first: inShort(first), complaints: complaintsOf(installation) };
};

/** What is kept of a first burst: the figures to put beside those of the second, and whether it was whole. */
export function inShort({
  allReceivedMs,
  allCompletedMs,
  cpuMsPer1000Runs,
  ticks,
  completed,
}: Measurement): Measurement {
  return { allReceivedMs, allCompletedMs, cpuMsPer1000Runs, ticks, completed };
}

interface Stage {
  readonly installation: Installation;
  readonly worker: Worker;
  /** Of the jobs' names: each burst has others. */
  readonly firstIndex: number;
}

async function measureBurst(
  { servers, parameters, say }: WorkloadContext,
  { installation, worker, firstIndex }: Stage,
): Promise<Measurement> {
  const { jobs } = parameters;
  const { store } = installation;
  const dueAt = await placeJobs({ url: servers.mongodb.url, parameters, installation, firstIndex });
  say(`${jobs} jobs are due in ${dueAt - Date.now()} ms`);
  await sleepUntil(dueAt - COUNTING_MS);
  const commands = await countCommands(servers.mongodb.url);
  const usage = measureUsage({ ...installation.pids(), worker: worker.pid });
  await waitFor(() => worker.received >= firstIndex + jobs, {
    timeoutMs: TIME_LIMIT_MS,
    message: 'the worker to receive every run',
  });
  // Each was received, so each is a run by now.
  const completedAt = await runsEnded(store, TIME_LIMIT_MS);
  const shares = usage();
  const commandsPerRun = await commands(jobs);
  const window = { expected: jobs, from: dueAt, to: dueAt + 1 };
  const receipts = await worker.receipts();
  const runs = await allRuns(store, window);
  const lateness = latenessOf(receipts, window);
  const receivedMs = lateness.reduce((last, one) => Math.max(last, one), 0);
  return {
    allReceivedMs: round(receivedMs, 0),
    allCompletedMs: completedAt - dueAt,
    receivedPerSecond: rate(jobs, receivedMs),
    completedPerSecond: rate(jobs, completedAt - dueAt),
    latenessMs: distribution(lateness),
    ticks: countTicks(receipts, window),
    completed: runs.filter((run) => run.status === 'completed').length,
    usage: shares,
    cpuMsPer1000Runs: cpuOfRuns(shares, jobs),
    commandsPerRun,
  };
}

/** Adds the jobs, which schedulers find by themselves; resolves with the moment when all are held, and it is yet to come. */
async function placeJobs({
  url,
  parameters,
  installation,
  firstIndex,
}: Pick<Stage, 'installation' | 'firstIndex'> & { url: string; parameters: Parameters }): Promise<number> {
  const { jobs } = parameters;
  const dueAt = Date.now() + preparationMs(parameters);
  await seedJobs(installation, url, {
    count: jobs,
    firstIndex,
    template: {
      nextRunAt: new Date(dueAt).toISOString(),
      // However long it takes, each is run: what is late is not skipped.
      misfireGrace: DAY_MS,
      ...queueOf(parameters),
    },
    dueAt: () => dueAt,
  });
  await untilHeld(installation.services, jobs, dueAt);
  checkInTime(dueAt, parameters);
  return dueAt;
}
