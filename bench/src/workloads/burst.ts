// W2: once jobs that are all due at the same moment; until each was received, and until each is completed in the store.
import { waitFor } from '@simple-scheduler/testkit';
import { countCommands } from '../commands.ts';
import { install } from '../installation.ts';
import { distribution, rate, round } from '../latency.ts';
import { allEnded, allRuns, countTicks, latenessOf } from '../ledger.ts';
import { seedJobs } from '../seeding.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import { checkInTime, complaintsOf, preparationMs, queueOf, startWorkerFor, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

/** Before the moment: the counters are read first. */
const COUNTING_MS = 100;
const TIME_LIMIT_MS = 180_000;
const DAY_MS = 86_400_000;

export const burst: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs, schedulers } = parameters;
  await using installation = await install(servers, profileFolder);
  const { store } = installation;
  await using worker = await startWorkerFor(parameters, installation.amqpUrl);

  const dueAt = Date.now() + preparationMs(parameters);
  await seedJobs(installation, servers.mongodb.url, {
    count: jobs,
    template: {
      nextRunAt: new Date(dueAt).toISOString(),
      // However long it takes, each is run: what is late is not skipped.
      misfireGrace: DAY_MS,
      ...queueOf(parameters),
    },
    dueAt: () => dueAt,
  });
  const processes = await installation.startSchedulers(schedulers);
  await untilHeld(processes, jobs, dueAt);
  checkInTime(dueAt, parameters);

  say(`${jobs} jobs are due in ${dueAt - Date.now()} ms`);
  await sleepUntil(dueAt - COUNTING_MS);
  const commands = await countCommands(servers.mongodb.url);
  const usage = measureUsage({ ...installation.pids(), worker: worker.pid });
  await waitFor(() => worker.received >= jobs, {
    timeoutMs: TIME_LIMIT_MS,
    message: 'the worker to receive every run',
  });
  const completedAt = await allEnded(store, TIME_LIMIT_MS);
  const shares = usage();
  const commandsPerRun = await commands(jobs);
  const receipts = await worker.receipts();
  const runs = await allRuns(store);
  const window = { expected: jobs, from: dueAt, to: dueAt + 1 };
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
    complaints: complaintsOf(installation),
  };
};
