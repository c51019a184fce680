// W1: jobs with an interval of 1 s; how late, and whether each tick, its run reaches the worker.
import { countCommands } from '../commands.ts';
import { install } from '../installation.ts';
import { type Distribution, distribution, rate } from '../latency.ts';
import { allEnded, allRuns, countTicks, latenessOf, type TickCount, type TickWindow } from '../ledger.ts';
import { seedJobs } from '../seeding.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage, type Share } from '../usage.ts';
import { checkInTime, complaintsOf, preparationMs, queueOf, startWorkerFor, untilHeld } from './start-up.ts';
import type { WorkloadContext } from './workload.ts';

const INTERVAL_MS = 1_000;
/**
 * Topology is declared with the first ticks, and code is compiled: those are not measured. Each of several schedulers has its share of
 * the ticks, so that it takes as many times as long until their code has been run as often as one's.
 */
const WARM_UP_MS = { perScheduler: 3_000, hasty: 1_000, perOwnTopology: 6 } as const;
const DRAIN_TIME_LIMIT_MS = 120_000;

export interface Punctuality extends Readonly<Record<string, unknown>> {
  readonly latenessMs: Distribution | undefined;
  readonly dueToCompletedMs: Distribution | undefined;
  readonly ticks: TickCount;
  readonly completed: number;
  readonly skipped: number;
  readonly runsPerSecond: number;
  readonly drainedMs: number;
  readonly usage: Readonly<Record<string, Share>>;
}

export async function punctuality({ servers, parameters, profileFolder, say }: WorkloadContext): Promise<Punctuality> {
  const { jobs, seconds, schedulers, topology, aligned } = parameters;
  await using installation = await install(servers, profileFolder);
  const { store } = installation;
  await using worker = await startWorkerFor(parameters, installation.amqpUrl);

  const firstAt = Date.now() + preparationMs(parameters);
  const warmUpMs =
    (parameters.hasty ? WARM_UP_MS.hasty : schedulers * WARM_UP_MS.perScheduler) +
    (topology === 'own' ? jobs * WARM_UP_MS.perOwnTopology : 0);
  const from = firstAt + Math.ceil(warmUpMs / INTERVAL_MS) * INTERVAL_MS;
  const window: TickWindow = { expected: jobs * seconds, from, to: from + seconds * INTERVAL_MS };
  // Job i ticks at its own place within the second, and for the last time before the window closes.
  const phase = (index: number): number => (aligned ? 0 : Math.floor((index / jobs) * INTERVAL_MS));
  await seedJobs(installation, servers.mongodb.url, {
    count: jobs,
    template: {
      interval: INTERVAL_MS,
      endAt: new Date(window.to - 1).toISOString(),
      allowConcurrentRuns: parameters.hasty, // then ticks may be late by more than their interval
      ...queueOf(parameters),
    },
    dueAt: (index) => firstAt + phase(index),
  });
  const processes = await installation.startSchedulers(schedulers);
  await installation.startCustodian();
  await untilHeld(processes, jobs, from);
  checkInTime(from, parameters);

  say(`warming up, then measuring for ${seconds} s`);
  await sleepUntil(window.from);
  const commands = await countCommands(servers.mongodb.url);
  const usage = measureUsage({ ...installation.pids(), worker: worker.pid });
  await sleepUntil(window.to);
  const shares = usage();
  const commandsPerTick = await commands(window.expected);
  const drainedAt = await allEnded(store, DRAIN_TIME_LIMIT_MS);
  const receipts = await worker.receipts();
  const runs = await allRuns(store, window);
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
    cpuMsPer1000Runs: cpuOfRuns(shares, Math.max(1, completed.length)),
    commandsPerTick,
    complaints: complaintsOf(installation),
  };
}
