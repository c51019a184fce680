import { type Topology, topologyFor } from '@simple-scheduler/contracts';
import { waitFor } from '@simple-scheduler/testkit';
import type { Parameters } from '../parameters.ts';
import type { Installation } from '../installation.ts';
import { jobName } from '../jobs.ts';
import { slowdown } from '../machine.ts';
import { metricOf, type ServiceProcess } from '../service-process.ts';
import type { WorkerSetup } from '../worker/protocol.ts';
import { startWorker, type Worker } from '../worker/worker.ts';

const WORK_QUEUE = 'bench';
const HOLD_TIME_LIMIT_MS = { always: 180_000, perJob: 1 } as const;
/** Of one consumer. Deep: what is measured is the scheduler, not the waiting for a worker. */
const PREFETCH = { own: 100, shared: 5_000 } as const;

/** How a job of this workload says which topology it has. */
export function queueOf({ topology }: Pick<Parameters, 'topology'>): { workQueue?: string } {
  return topology === 'shared' ? { workQueue: WORK_QUEUE } : {};
}

export function startWorkerFor(
  parameters: Parameters,
  url: string,
  special: Pick<WorkerSetup, 'silentAfter'> = {},
): Promise<Worker> {
  const { jobs, topology, terse } = parameters;
  const own = (): Topology[] => Array.from({ length: jobs }, (_, index) => topologyFor({ name: jobName(index) }));
  return startWorker({
    url,
    topologies: topology === 'shared' ? [topologyFor({ name: '', workQueue: WORK_QUEUE })] : own(),
    prefetch: PREFETCH[topology],
    statuses: terse ? ['completed'] : ['running', 'completed'],
    ...special,
  });
}

/** Inserting jobs, starting processes, taking the jobs; on a machine that others use in proportion. */
const PREPARATION_MS = { always: 6_000, hasty: 8_000, perJob: 0.5 } as const;

/** How long it takes at most until the jobs are held: their first tick is after that. */
export function preparationMs({ jobs, hasty }: Pick<Parameters, 'jobs' | 'hasty'>): number {
  if (hasty) return PREPARATION_MS.hasty + jobs * PREPARATION_MS.perJob;
  return Math.ceil((PREPARATION_MS.always + jobs * PREPARATION_MS.perJob) * slowdown());
}

/**
 * Times mean nothing where preparation took longer than planned. In a hasty run they never do, and every tick is run all
 * the same.
 */
export function checkInTime(at: number, { hasty }: Pick<Parameters, 'hasty'>): void {
  if (Date.now() > at && !hasty)
    throw new Error('Preparation took longer than planned: this machine is too busy to measure');
}

/**
 * Resolves when the schedulers hold this many jobs together, or at `endsAt` (epoch ms), from when on jobs may have ended
 * and be held no more; gives the milliseconds that it took.
 */
export async function untilHeld(
  schedulers: readonly ServiceProcess[],
  count: number,
  endsAt: number = Number.POSITIVE_INFINITY,
): Promise<number> {
  const startedAt = performance.now();
  await waitFor(async () => (await heldBy(schedulers)) >= count || Date.now() >= endsAt, {
    timeoutMs: HOLD_TIME_LIMIT_MS.always + count * HOLD_TIME_LIMIT_MS.perJob,
    intervalMs: 50,
    message: `schedulers to hold ${count} jobs`,
  });
  return performance.now() - startedAt;
}

/** Resolves when the schedulers hold no job: those that they had have ended. */
export async function untilNoneHeld(schedulers: readonly ServiceProcess[]): Promise<void> {
  await waitFor(async () => (await heldBy(schedulers)) === 0, {
    timeoutMs: HOLD_TIME_LIMIT_MS.always,
    intervalMs: 50,
    message: 'schedulers to hold no job',
  });
}

async function heldBy(schedulers: readonly ServiceProcess[]): Promise<number> {
  const each = await Promise.all(schedulers.map((scheduler) => metricOf(scheduler, 'jobs_held')));
  return each.reduce((sum, one) => sum + one, 0);
}

export function complaintsOf(installation: Installation): string[] {
  return installation.services
    .flatMap(({ name, complaints }) => complaints.map((line) => `${name}: ${line}`))
    .slice(0, 5);
}
