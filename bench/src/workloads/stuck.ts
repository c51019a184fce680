// W4: a worker falls silent over its runs; how long after its last sign of life each is given to a worker again.
import { waitFor } from '@simple-scheduler/testkit';
import { install } from '../installation.ts';
import { distribution } from '../latency.ts';
import { allEnded, allRuns } from '../ledger.ts';
import { seedJobs } from '../seeding.ts';
import type { Receipt } from '../worker/protocol.ts';
import { complaintsOf, preparationMs, queueOf, startWorkerFor, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

const TIMES = {
  usual: { heartbeatTimeoutMs: 5_000, cleanupMs: 5_000, spreadMs: 10_000 },
  hasty: { heartbeatTimeoutMs: 1_500, cleanupMs: 500, spreadMs: 500 },
} as const;
const SILENT_AFTER = { heartbeats: 2, intervalMs: 300 } as const;
const MARGIN_MS = 200;
const TIME_LIMIT_MS = 120_000;

export const stuck: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs, schedulers, hasty } = parameters;
  const { heartbeatTimeoutMs, cleanupMs, spreadMs } = hasty ? TIMES.hasty : TIMES.usual;
  await using installation = await install(servers, profileFolder, { CLEANUP_INTERVAL: String(cleanupMs) });
  const { store } = installation;
  const silentAfter = { silentAfter: SILENT_AFTER };
  await using worker = await startWorkerFor(parameters, installation.amqpUrl, silentAfter);

  const firstAt = Date.now() + preparationMs(parameters);
  // Over two cleanup intervals, so that runs get stuck at every moment between two looks.
  await seedJobs(installation, servers.mongodb.url, {
    count: jobs,
    template: {
      nextRunAt: new Date(firstAt).toISOString(),
      heartbeatTimeout: heartbeatTimeoutMs,
      ...queueOf(parameters),
    },
    dueAt: (index) => firstAt + Math.floor((index / jobs) * spreadMs),
  });
  await untilHeld(await installation.startSchedulers(schedulers), jobs, firstAt);
  say(`${jobs} runs get stuck within ${spreadMs} ms`);
  await waitFor(() => worker.received >= 2 * jobs, {
    timeoutMs: TIME_LIMIT_MS,
    message: () => `each run to be given out twice; ${worker.received} were`,
  });
  await allEnded(store, TIME_LIMIT_MS);
  const receipts = await worker.receipts();
  const runs = await allRuns(store);
  const waits = silencesOf(receipts);
  const boundMs = heartbeatTimeoutMs + cleanupMs + MARGIN_MS;
  return {
    /** From the last sign of life to the receipt of the new action. */
    silenceMs: distribution(waits),
    beyondTimeoutMs: distribution(waits.map((wait) => wait - heartbeatTimeoutMs)),
    boundMs,
    isWithinBound: waits.every((wait) => wait <= boundMs),
    restarted: waits.length,
    /** Given out before the time was up: never. */
    early: waits.filter((wait) => wait < heartbeatTimeoutMs - MARGIN_MS).length,
    receipts: receipts.length,
    completed: runs.filter((run) => run.status === 'completed' && run.attempt === 2).length,
    complaints: complaintsOf(installation),
  };
};

/** For each run, from the last sign of its first attempt to the receipt of its second. */
function silencesOf(receipts: readonly Receipt[]): number[] {
  const signs = new Map(receipts.filter(({ attempt }) => attempt === 1).map((one) => [one.runId, one.lastSignAt]));
  const seconds = receipts.filter(({ attempt }) => attempt === 2);
  return seconds.flatMap(({ runId, receivedAt }) => {
    const signAt = signs.get(runId);
    return signAt === undefined ? [] : [receivedAt - signAt];
  });
}
