// W1: jobs with an interval of 1 s; how late, and whether each tick, its run reaches the worker.
import { setTimeout as sleep } from 'node:timers/promises';
import { countCommands } from '../commands.ts';
import { install } from '../installation.ts';
import { addJobs, jobName } from '../jobs.ts';
import { distribution, rate } from '../latency.ts';
import { allEnded, allRuns, countTicks, latenessOf, type TickWindow } from '../ledger.ts';
import { slowdown } from '../machine.ts';
import { measureUsage } from '../usage.ts';
import { complaintsOf, queueOf, startWorkerFor, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

const INTERVAL_MS = 1_000;
/** Inserting jobs, starting processes, taking the jobs. */
const PREPARATION_MS = { always: 8_000, perJob: 2 } as const;
/** Topology is declared with the first ticks; those are not measured. */
const WARM_UP_MS = { always: 3_000, perOwnTopology: 6 } as const;
const DRAIN_TIME_LIMIT_MS = 120_000;

export const punctuality: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs, seconds, schedulers, topology, aligned } = parameters;
  await using installation = await install(servers, profileFolder);
  const { store } = installation;
  await using worker = await startWorkerFor(parameters, installation.amqpUrl);

  const firstAt = Date.now() + Math.ceil((PREPARATION_MS.always + jobs * PREPARATION_MS.perJob) * slowdown());
  const warmUpMs = WARM_UP_MS.always + (topology === 'own' ? jobs * WARM_UP_MS.perOwnTopology : 0);
  const from = firstAt + Math.ceil(warmUpMs / INTERVAL_MS) * INTERVAL_MS;
  const window: TickWindow = { expected: jobs * seconds, from, to: from + seconds * INTERVAL_MS };
  // Job i ticks at its own place within the second, and for the last time before the window closes.
  const phase = (index: number): number => (aligned ? 0 : Math.floor((index / jobs) * INTERVAL_MS));
  await addJobs(store, jobs, (index) => ({
    name: jobName(index),
    interval: INTERVAL_MS,
    nextRunAt: new Date(firstAt + phase(index)).toISOString(),
    endAt: new Date(window.to - 1).toISOString(),
    ...queueOf(parameters),
  }));
  const processes = await installation.startSchedulers(schedulers);
  await installation.startCustodian();
  await untilHeld(processes, jobs);
  if (Date.now() > from) throw new Error('The jobs were not taken in time: this machine is too busy to measure');

  say(`warming up, then measuring for ${seconds} s`);
  await sleep(window.from - Date.now());
  const commands = await countCommands(servers.mongodb.url);
  const usage = measureUsage({ ...installation.pids(), worker: worker.pid });
  await sleep(window.to - Date.now());
  const shares = usage();
  const commandsPerTick = await commands(window.expected);
  const drainedAt = await allEnded(store, DRAIN_TIME_LIMIT_MS);
  const receipts = await worker.receipts();
  const runs = (await allRuns(store)).filter((run) => run.scheduledAt >= window.from && run.scheduledAt < window.to);
  const completed = runs.filter((run) => run.status === 'completed');
  const ends = completed.map((run) => run.endedAt ?? 0);
  return {
    latenessMs: distribution(latenessOf(receipts, window)),
    dueToCompletedMs: distribution(completed.map((run) => (run.endedAt ?? 0) - run.scheduledAt)),
    ticks: countTicks(receipts, window),
    completed: completed.length,
    skipped: runs.filter((run) => run.status === 'skipped').length,
    runsPerSecond: rate(completed.length, ends.reduce((last, end) => Math.max(last, end), window.to) - window.from),
    drainedMs: Math.max(0, drainedAt - window.to),
    usage: shares,
    commandsPerTick,
    complaints: complaintsOf(installation),
  };
};
