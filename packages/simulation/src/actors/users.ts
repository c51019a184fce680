import { jobCreateSchema, type JobCreate, type JobPatch } from '@simple-scheduler/contracts';
import {
  type ApiContext,
  cancelRun,
  createJob,
  deleteJob,
  editJob,
  pauseJob,
  putJob,
  resumeJob,
  retryRun,
  runNow,
  SchedulerError,
} from '@simple-scheduler/engine';
import type { RandomStream } from '../world/random.ts';

/** What users were told has happened, to be held against the store at the end. */
export interface Promises {
  readonly jobs: Set<string>;
  readonly deleted: Set<string>;
  readonly runIds: Set<string>;
}

/** Jobs as people make them: short intervals, some crons, some once, with and without room for overlap. */
export function drawJob(random: RandomStream, name: string, now: number): JobCreate {
  const at = (fromNow: number): string => new Date(now + fromNow).toISOString();
  const kind = random.next();
  const timing =
    kind < 0.65
      ? { interval: random.pick([500, 1_000, 2_000, 5_000, 7_300]) }
      : kind < 0.85
        ? { cron: random.pick(['*/5 * * * * *', '*/2 * * * * *', '* * * * *', '0,7,31 * * * * *']) }
        : { nextRunAt: at(random.int(20_000, 40_000)) };
  const watched = random.chance(0.7);
  return jobCreateSchema.parse({
    name,
    ...timing,
    misfirePolicy: random.pick(['fire_once', 'skip', 'fire_all']),
    misfireLimit: random.int(1, 20),
    misfireGrace: random.pick([0, 2_000, 10_000, 60_000]),
    allowConcurrentRuns: random.chance(0.4),
    maxQueueCount: random.pick([0, 0, 1, 3]),
    heartbeatTimeout: watched ? random.pick([4_000, 10_000]) : 0,
    runStartTimeout: random.chance(0.3) ? random.int(5_000, 30_000) : 0,
    // Who is not watched by heartbeats must end somehow when its worker dies.
    runExecutionTimeout: watched ? 0 : random.int(10_000, 30_000),
    cancelTimeout: random.int(2_000, 20_000),
    ...(random.chance(0.4)
      ? {
          maxRetries: random.int(1, 3),
          retryDelay: random.int(0, 3_000),
          retryBackoff: random.pick(['fixed', 'exponential']),
        }
      : {}),
    // One at a time: each takes its worker's other runs with it.
    ...(watched && random.chance(0.2)
      ? {
          maxRestarts: random.int(1, 3),
          payload: { poison: random.pick([0.3, 1]) },
          allowConcurrentRuns: false,
          maxQueueCount: 0,
        }
      : {}),
    jitter: random.chance(0.2) ? random.int(100, 4_000) : 0,
    ...(random.chance(0.15) ? { startAt: at(random.int(-20_000, 20_000)) } : {}),
    ...(random.chance(0.15) ? { endAt: at(random.int(40_000, 120_000)) } : {}),
  });
}

/** What users may ask: the same, at different processes. */
export type Apis = readonly [ApiContext, ...ApiContext[]];

/** One act of a user; errors that the API would answer with a 4xx or 503 are part of life. */
export async function actAsUser(apis: Apis, random: RandomStream, promises: Promises): Promise<void> {
  const context = random.pick(apis);
  const name = promises.jobs.size === 0 ? undefined : random.pick([...promises.jobs]);
  const act = random.next();
  try {
    if (name === undefined || act < 0.15) await add(context, random, promises);
    else if (act < 0.2) await runOnce(apis, name, random, promises);
    else if (act < 0.32) await runBurst(context, name, random.int(1, 3), promises);
    else if (act < 0.38) await retrySome(context, random, promises);
    else if (act < 0.5) await cancelSome(context, random, promises);
    else if (act < 0.54) await putJob(context, drawJob(random, name, context.clock.now()));
    else if (act < 0.65) await editJob(context, name, { interval: random.pick([700, 1_500, 3_000]), cron: null });
    else if (act < 0.72) await editJob(context, name, await drawPatch(context, name, random));
    else if (act < 0.78)
      await editJob(context, name, {
        nextRunAt: new Date(context.clock.now() + random.int(-3_000, 9_000)).toISOString(),
      });
    else if (act < 0.86) await pauseJob(context, name);
    else if (act < 0.96) await resumeJob(context, name);
    else {
      promises.jobs.delete(name);
      await deleteJob(context, name);
      promises.deleted.add(name);
    }
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
  }
}

/** What leaves the schedule as it is, and decides what becomes of its ticks and runs. */
async function drawPatch(context: ApiContext, name: string, random: RandomStream): Promise<JobPatch> {
  const at = (fromNow: number): string => new Date(context.clock.now() + fromNow).toISOString();
  const patches: readonly JobPatch[] = [
    { maxQueueCount: random.int(0, 4), description: `edit ${random.int(0, 9)}` },
    { endAt: random.chance(0.3) ? null : at(random.int(-5_000, 40_000)) },
    { startAt: random.chance(0.3) ? null : at(random.int(-5_000, 20_000)) },
    { jitter: random.chance(0.5) ? 0 : random.int(100, 4_000) },
    { misfirePolicy: random.pick(['fire_once', 'skip', 'fire_all']), misfireGrace: random.pick([0, 10_000]) },
    { allowConcurrentRuns: random.chance(0.7) },
  ];
  const patch = random.pick(patches);
  // Deadly runs stay one at a time.
  const isDeadly = patch.allowConcurrentRuns === true && (await context.store.getJob(name))?.maxRestarts;
  return isDeadly ? { maxQueueCount: 0 } : patch;
}

/** Several people press the button at once. */
async function runBurst(context: ApiContext, name: string, count: number, promises: Promises): Promise<void> {
  const runs = await Promise.all(Array.from({ length: count }, () => runNow(context, { name })));
  for (const run of runs) promises.runIds.add(run.id);
}

/** Somebody who is not sure to have been heard asks again and again, here and there, under one key. */
async function runOnce(apis: Apis, name: string, random: RandomStream, promises: Promises): Promise<void> {
  const key = `key-${promises.runIds.size}-${random.int(0, 999_999)}`;
  const ask = async (): Promise<void> => {
    const run = await runNow(random.pick(apis), { name, payload: { key }, request: { key, fingerprint: 'the same' } });
    promises.runIds.add(run.id);
  };
  await Promise.allSettled([ask(), ask()]);
  await ask();
}

async function add(context: ApiContext, random: RandomStream, promises: Promises): Promise<void> {
  const name = `job-${promises.jobs.size + promises.deleted.size}-${random.int(0, 999)}`;
  if (promises.jobs.size >= 25) return;
  await createJob(context, drawJob(random, name, context.clock.now()));
  promises.jobs.add(name);
}

async function cancelSome(context: ApiContext, random: RandomStream, promises: Promises): Promise<void> {
  const { runs } = await context.store.listRuns({ limit: 20, statuses: ['pending', 'running'] });
  if (runs.length > 0) await cancelRun(context, random.pick(runs).id);
  else if (promises.runIds.size > 0) await cancelRun(context, random.pick([...promises.runIds]));
}

async function retrySome(context: ApiContext, random: RandomStream, promises: Promises): Promise<void> {
  const { runs } = await context.store.listRuns({ limit: 20, statuses: ['failed', 'dead', 'cancelled', 'completed'] });
  if (runs.length === 0) return;
  const run = await retryRun(context, random.pick(runs).id);
  promises.runIds.add(run.id);
}
