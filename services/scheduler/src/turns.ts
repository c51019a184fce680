import type { MessageBus, SchedulerEngine, Turn } from '@simple-scheduler/engine';
import { createLoop } from '@simple-scheduler/runtime';
import type { Loop } from '@simple-scheduler/runtime';
import type { SchedulerDeps } from './app.ts';

/** What each of the engine's turns is called by. */
export interface Turns {
  start(): void;
  wake(turn: Turn): void;
  /** Those that take, keep and start jobs. Resolves when none is running. */
  stopHolding(): Promise<void>;
  /** Those that repair runs and clean up, of anyone's jobs: they may be waiting for the broker. */
  stopRepairing(): Promise<void>;
}

/** The queue of due jobs is in memory: looking at it now and then costs nothing, and survives a clock that jumps. */
const DUE_LOOK_MS = 1_000;
/** These are woken by what is to be moved on, and to be marked. */
const MOVE_LOOK_MS = 1_000;
const MARK_LOOK_MS = 1_000;
/** Between two turns of the watchdog at the least; what is late may be so because it cannot be repaired yet. */
const WATCH_PAUSE_MS = 20;
const WATCH_PAUSE_OFFLINE_MS = 1_000;
/** A store that came back is noticed this soon by what must not wait. */
const BACKOFF_CAP_MS = 1_000;

export function createTurns(engine: SchedulerEngine, deps: SchedulerDeps): Turns {
  const { settings, clock, random, log } = deps;
  const base = { clock, random, log, backoffCapMs: BACKOFF_CAP_MS };
  const loops: Record<Turn | 'renew' | 'deletions', Loop> = {
    renew: createLoop({
      ...base,
      name: 'renewing the lease',
      intervalMs: settings.heartbeatIntervalMs,
      backoffCapMs: Math.min(BACKOFF_CAP_MS, settings.heartbeatIntervalMs),
      run: async () => {
        await engine.renew();
        deps.meter.gauge('jobs_held', engine.heldJobs());
      },
    }),
    start_due: createLoop({ ...base, name: 'starting runs', intervalMs: DUE_LOOK_MS, run: () => engine.startDue() }),
    move: createLoop({ ...base, name: 'moving jobs on', intervalMs: MOVE_LOOK_MS, run: () => engine.move() }),
    mark: createLoop({
      ...base,
      name: 'marking runs as published',
      intervalMs: MARK_LOOK_MS,
      run: () => engine.mark(),
    }),
    // Custodians free jobs without a word. Twice as often as they look for stuck ones, so that jobs of a dead scheduler
    // run again within its heartbeat timeout and two clean-up intervals, the time that looking takes included.
    take: createLoop({
      ...base,
      name: 'taking jobs',
      intervalMs: settings.cleanupIntervalMs / 2,
      run: () => engine.take(),
    }),
    rebalance: createLoop({
      ...base,
      name: 'refreshing jobs',
      intervalMs: settings.cacheRefreshIntervalMs,
      run: () => engine.refresh(),
    }),
    deletions: createLoop({
      ...base,
      name: 'cleaning up after deleted jobs',
      intervalMs: settings.cacheRefreshIntervalMs,
      run: () => engine.finishDeletions(),
    }),
    watch: createLoop({
      ...base,
      name: 'watching runs',
      intervalMs: settings.cleanupIntervalMs,
      run: async (now) => notBefore(now + watchPauseMs(deps.bus), await engine.watch()),
    }),
  };
  const { watch, deletions, ...holding } = loops;
  return {
    start: () => {
      // What waited for the broker need not wait for the next look as well.
      deps.bus.onStateChange((state) => {
        if (state === 'connected') watch.wake();
      });
      for (const loop of Object.values(loops)) loop.start();
    },
    wake: (turn) => loops[turn].wake(),
    stopHolding: async () => {
      await Promise.all(Object.values(holding).map((loop) => loop.stop()));
    },
    stopRepairing: async () => {
      await Promise.all([watch.stop(), deletions.stop()]);
    },
  };
}

function watchPauseMs(bus: MessageBus): number {
  return bus.state() === 'connected' ? WATCH_PAUSE_MS : WATCH_PAUSE_OFFLINE_MS;
}

function notBefore(earliestAt: number, wishedAt: number | null): number | null {
  return wishedAt === null ? null : Math.max(earliestAt, wishedAt);
}
