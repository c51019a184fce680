// W3: one scheduler of several ends, by kill -9 or in good order; how long its jobs go without, and whether a tick is lost.
import { waitFor } from '@simple-scheduler/testkit';
import { install } from '../installation.ts';
import { distribution, round } from '../latency.ts';
import { allEnded, allRuns, countTicks, latenessOf, longestSilence, type TickWindow } from '../ledger.ts';
import { sleepUntil } from '../sleep-until.ts';
import type { Parameters } from '../parameters.ts';
import { seedJobs } from '../seeding.ts';
import { metricOf, type ServiceProcess } from '../service-process.ts';
import { checkInTime, complaintsOf, preparationMs, startWorkerFor, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

const INTERVAL_MS = 1_000;
/** Both hold jobs, topology is declared. */
const WARM_UP_MS = { always: 6_000, hasty: 2_000, perJob: 6 } as const;
const BEFORE_MS = 3_000;
const AFTER_MS = 3_000;
const BALANCE_TIME_LIMIT_MS = 60_000;
const DRAIN_TIME_LIMIT_MS = 120_000;
/** What the target adds to the services' own time limits. */
const MARGIN_MS = { SIGKILL: 500, SIGTERM: 1_000 } as const;
/** The services' defaults, and what a hasty run sets. */
const TIMES = {
  usual: { heartbeatMs: 1_000, heartbeatTimeoutMs: 10_000, cleanupMs: 5_000 },
  hasty: { heartbeatMs: 300, heartbeatTimeoutMs: 2_000, cleanupMs: 500 },
} as const;

export const failover: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs, schedulers, signal } = parameters;
  const times = parameters.hasty ? TIMES.hasty : TIMES.usual;
  await using installation = await install(servers, profileFolder, {
    HEARTBEAT_INTERVAL: String(times.heartbeatMs),
    HEARTBEAT_TIMEOUT: String(times.heartbeatTimeoutMs),
    CLEANUP_INTERVAL: String(times.cleanupMs),
  });
  await using worker = await startWorkerFor(parameters, installation.amqpUrl);
  const { firstAt, window, boundMs } = planOf(parameters);
  await seedJobs(installation, servers.mongodb.url, {
    count: jobs,
    template: {
      interval: INTERVAL_MS,
      endAt: new Date(window.to - 1).toISOString(),
      allowConcurrentRuns: true, // what was due meanwhile starts all at once
    },
    dueAt: (index) => firstAt + Math.floor((index / jobs) * INTERVAL_MS),
  });
  const processes = await installation.startSchedulers(schedulers);
  await installation.startCustodian();
  await untilHeld(processes, jobs, window.from);
  await untilBalanced(processes);
  checkInTime(window.from, parameters);

  await sleepUntil(window.from + BEFORE_MS);
  const [victim] = processes as [ServiceProcess];
  const held = await metricOf(victim, 'jobs_held');
  say(`${signal} for ${victim.name}, which holds ${held} jobs`);
  const endedAt = Date.now();
  await (signal === 'SIGKILL' ? victim.kill() : victim.stop());
  const stoppedMs = Date.now() - endedAt;
  await sleepUntil(window.to);
  await allEnded(installation.store, DRAIN_TIME_LIMIT_MS);
  const receipts = await worker.receipts();
  const runs = await allRuns(installation.store, window);
  const lateness = latenessOf(receipts, { ...window, from: endedAt });
  const gapMs = lateness.reduce((longest, one) => Math.max(longest, one), 0);
  return {
    /** The longest that a tick due after the end waited for its receipt. */
    gapMs: round(gapMs, 0),
    /** The longest that one job was not heard of, its interval included. */
    longestSilenceMs: round(longestSilence(receipts, window), 0),
    boundMs,
    isWithinBound: gapMs <= boundMs,
    heldByVictim: held,
    stoppedMs,
    latenessMs: distribution(lateness),
    ticks: countTicks(receipts, window),
    completed: runs.filter((run) => run.status === 'completed').length,
    skipped: runs.filter((run) => run.status === 'skipped').length,
    complaints: complaintsOf(installation),
  };
};

interface FailoverPlan {
  readonly firstAt: number;
  readonly window: TickWindow;
  /** The gap that the settings allow. */
  readonly boundMs: number;
}

function planOf(parameters: Parameters): FailoverPlan {
  const { jobs, signal, hasty } = parameters;
  const { heartbeatTimeoutMs, cleanupMs } = hasty ? TIMES.hasty : TIMES.usual;
  const boundMs = (signal === 'SIGKILL' ? heartbeatTimeoutMs + 2 * cleanupMs : 0) + MARGIN_MS[signal];
  const firstAt = Date.now() + preparationMs(parameters);
  const warmUpMs = (hasty ? WARM_UP_MS.hasty : WARM_UP_MS.always) + jobs * WARM_UP_MS.perJob;
  const from = firstAt + Math.ceil(warmUpMs / INTERVAL_MS) * INTERVAL_MS;
  const seconds = Math.ceil((BEFORE_MS + boundMs + AFTER_MS) / INTERVAL_MS);
  return { firstAt, window: { expected: jobs * seconds, from, to: from + seconds * INTERVAL_MS }, boundMs };
}

/** Resolves when no scheduler holds nothing: those that came later have been given their part. */
async function untilBalanced(processes: readonly ServiceProcess[]): Promise<void> {
  const held = (): Promise<number[]> => Promise.all(processes.map((process) => metricOf(process, 'jobs_held')));
  await waitFor(async () => Math.min(...(await held())) > 0, {
    timeoutMs: BALANCE_TIME_LIMIT_MS,
    message: 'each scheduler to hold jobs',
  });
}
