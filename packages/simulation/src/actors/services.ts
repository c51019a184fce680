import {
  createRunPruner,
  createSchedulerEngine,
  freeStuckJobs,
  type ApiContext,
  type Log,
  type MessageBus,
  type Meter,
  type Patience,
  type Store,
  type Turn,
} from '@simple-scheduler/engine';
import type { Process } from '../world/process.ts';
import type { RandomStream } from '../world/random.ts';
import { loop, type SimLoop } from './loop.ts';

export const HEARTBEAT_INTERVAL_MS = 1_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;
const GIVE_BACK_WITHIN_MS = 5_000;
export const CLEANUP_INTERVAL_MS = 5_000;
export const REFRESH_INTERVAL_MS = 10_000;
/** So few that nearly all that retention may take is taken. */
const RETENTION = { retentionCount: 2, retentionAgeMs: 75_000 };
const PRUNE_AGAIN_MS = 100;

export interface Connections {
  readonly process: Process;
  readonly store: Store;
  readonly bus: MessageBus;
  readonly random: RandomStream;
  readonly patience: Patience;
  /** Errors that a turn ended with. */
  readonly onError: (turn: string, error: unknown) => void;
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const UNCOUNTED: Meter = { count: () => {}, gauge: () => {}, observe: () => {} };

/** What use cases work with in this process. */
export function contextOf(connections: Connections): ApiContext {
  const { process, store, bus, random, patience } = connections;
  const hex = (digits: number): string => Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join('');
  const boot = hex(6);
  let made = 0;
  return {
    store,
    bus,
    patience,
    clock: { now: () => process.now() },
    ids: {
      runId: (createdAt) => {
        made += 1;
        return createdAt.toString(16).padStart(12, '0') + boot + made.toString(16).padStart(6, '0');
      },
      uid: () => hex(24),
    },
    log: SILENT,
    meter: UNCOUNTED,
  };
}

export interface RunningScheduler {
  readonly process: Process;
  heldJobs(): number;
  /** As on SIGTERM: gives everything back; resolves when it has. */
  stop(): Promise<void>;
}

/** A scheduler with the loops that the service gives it. */
export function startScheduler(connections: Connections): RunningScheduler {
  const { process, bus, onError } = connections;
  const loops: Partial<Record<Turn, SimLoop>> = {};
  const engine = createSchedulerEngine(
    contextOf(connections),
    { maxJobs: 0, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, giveBackWithinMs: GIVE_BACK_WITHIN_MS },
    (turn) => loops[turn]?.wake(),
  );
  const run = (name: string, turn: () => Promise<number | null | void>, intervalMs: number): SimLoop =>
    loop(process, turn, intervalMs, (error) => onError(`scheduler ${name}`, error));
  let started = false;
  run(
    'renew',
    async () => {
      if (started) return engine.renew();
      await engine.start();
      started = true;
      loops.take?.wake();
    },
    HEARTBEAT_INTERVAL_MS,
  );
  loops.start_due = run('startDue', () => engine.startDue(), 1_000);
  loops.move = run('move', () => engine.move(), 1_000);
  loops.mark = run('mark', () => engine.mark(), 1_000);
  loops.take = run('take', () => engine.take(), HEARTBEAT_INTERVAL_MS);
  loops.watch = run('watch', () => engine.watch(), CLEANUP_INTERVAL_MS);
  run('finishDeletions', () => engine.finishDeletions(), REFRESH_INTERVAL_MS);
  loops.rebalance = run('refresh', () => engine.refresh(), REFRESH_INTERVAL_MS);
  void bus.consume('status', engine.onStatuses, { maxBatch: 50 });
  void bus.consume('heartbeat', engine.onHeartbeats, { maxBatch: 50 });
  void bus.onControl((message) => engine.onControl(message));
  bus.onStateChange((state) => state === 'connected' && loops.watch?.wake());
  const stop = async (): Promise<void> => {
    await engine.stop();
    await engine.settle();
  };
  return { process, heldJobs: () => engine.heldJobs(), stop };
}

/** A custodian with the loops that the service gives it; `pruning` is its store as the second of them sees it. */
export function startCustodian(connections: Connections, pruning: Store): void {
  const { process, onError } = connections;
  const context = contextOf(connections);
  loop(
    process,
    async () => ((await freeStuckJobs(context, HEARTBEAT_TIMEOUT_MS)).more ? process.now() : undefined),
    CLEANUP_INTERVAL_MS,
    (error) => onError('custodian', error),
  );
  const pruner = createRunPruner({ ...context, store: pruning }, RETENTION);
  loop(
    process,
    async () => ((await pruner.turn()).more ? process.now() + PRUNE_AGAIN_MS : undefined),
    CLEANUP_INTERVAL_MS,
    (error) => onError('custodian pruning', error),
  );
}
