/**
 * One scheduler: the use cases around the jobs that it holds. It has no loops and no timers of its own; whoever runs
 * it calls the turns, at the times that they return or when `onWake` says so.
 */
import type { ControlMessage } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { finishDeletions } from '../jobs/finish-deletion.ts';
import type { BatchHandler } from '../ports/index.ts';
import { applyHeartbeats, applyStatuses, type PublisherSide } from './apply-events.ts';
import type { Context } from './context.ts';
import { JobMoves } from './job-moves.ts';
import { Lease } from './lease.ts';
import { Overlaps } from './overlaps.ts';
import { Publisher } from './publisher.ts';
import { TickTurns } from './tick-turns.ts';
import { watchRuns } from './watch-runs.ts';

export interface SchedulerSettings {
  /** 0: no limit. */
  readonly maxJobs: number;
  readonly heartbeatTimeoutMs: number;
  /** How long the giving back of all jobs may take; what is left then is found by the custodians. */
  readonly giveBackWithinMs: number;
}

/** Turns that should be called soon. */
export type Turn = 'start_due' | 'move' | 'mark' | 'take' | 'watch' | 'rebalance';

export interface SchedulerEngine {
  readonly managerId: string;
  /** Registers this scheduler. Call before the turns. */
  start(): Promise<void>;
  /** Renews the lease of all jobs held; every `HEARTBEAT_INTERVAL`. */
  renew(): Promise<void>;
  /** Begins to start what is due. Returns when it wants to be called next; null: when woken. */
  startDue(): Promise<number | null>;
  /** Moves jobs whose ticks are recorded on to their next ones. Returns when it wants to be called next; null: when woken. */
  move(): Promise<number | null>;
  /** Notes which runs the bus has confirmed, some time after it did. Returns when it wants to be called next; null: when woken. */
  mark(): Promise<number | null>;
  /** Looks at announced changes and takes free jobs. */
  take(): Promise<void>;
  /** Reads what changed, hands back what is more than the fair share, finishes deletions; every `CACHE_REFRESH_INTERVAL`. */
  refresh(): Promise<void>;
  /** Repairs what is late. Returns the next moment at which something is due. */
  watch(): Promise<number | null>;
  readonly onStatuses: BatchHandler;
  readonly onHeartbeats: BatchHandler;
  onControl(message: ControlMessage): void;
  heldJobs(): number;
  /** Whether it may start runs: it has renewed its lease recently enough. */
  trusted(): boolean;
  /** Takes no more jobs: a turn that is taking many ends soon, and can be waited for. */
  stopTaking(): void;
  /** Stops starting runs, settles what is in flight and gives all jobs back. Safe twice, and before `start`. */
  stop(): Promise<void>;
}

export function createSchedulerEngine(
  context: Context,
  settings: SchedulerSettings,
  onWake: (turn: Turn) => void,
): SchedulerEngine {
  const publisher = new Publisher(context, () => onWake('mark'));
  const lease = new Lease(context, settings, onWake);
  const { managerId, held } = lease;
  let stopped = false;
  const mayStart = (): boolean => !stopped && lease.trusted();
  const moves = new JobMoves(context, held, { onWake: () => onWake('move'), onPut: () => ticks.look() });
  const tickState = { managerId, held, publisher, moves, overlaps: new Overlaps() };
  const ticks: TickTurns = new TickTurns(context, tickState, { mayStart, onWake: () => onWake('start_due') });
  /** The next turn of the watchdog, as far as it is known to come. */
  let watchAt = Number.POSITIVE_INFINITY;
  /** A retry is asked for, and due long before the watchdog would look for what is late. */
  const watchBy = (at: number): void => {
    if (at >= watchAt) return;
    watchAt = at;
    onWake('watch');
  };
  const publisherSide: PublisherSide = {
    published: (run) => publisher.published(run),
    written: (runs) => {
      publisher.heard(runs);
      watchBy(soonestRetry(runs));
    },
  };

  return {
    managerId,
    start: async () => {
      await lease.renew();
      await context.bus.announce({ type: 'scheduler_joined', managerId });
    },
    renew: async () => {
      if (!stopped) await lease.renew();
    },
    startDue: () => ticks.start(),
    move: () => moves.move(),
    mark: () => publisher.mark(),
    take: async () => {
      if (!stopped) await lease.take();
    },
    refresh: async () => {
      if (!stopped) await lease.refresh();
      await finishDeletions(context);
    },
    watch: async () => {
      const now = context.clock.now();
      // What is asked for from here on may be missed by this turn: it is to be followed by another.
      watchAt = Number.POSITIVE_INFINITY;
      const { more } = await watchRuns(context, now, publisher.holding());
      const next = more ? now : await context.store.nextWatchAt();
      watchAt = Math.min(watchAt, next ?? watchAt);
      return next;
    },
    onStatuses: (messages) => applyStatuses(context, messages, publisherSide),
    onHeartbeats: (messages) => applyHeartbeats(context, messages, publisherSide),
    onControl: (message) => {
      if (message.type === 'job_changed') lease.noteChanged(message.names);
      if (message.type === 'scheduler_joined' && message.managerId !== managerId) onWake('rebalance');
      else onWake('take');
    },
    heldJobs: () => held.size,
    trusted: mayStart,
    stopTaking: () => lease.stopTaking(),
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await ticks.drain();
      await moves.flush().catch((error: unknown) => {
        context.log.warn({ err: error }, 'some jobs could not be moved on; who takes them finds their ticks recorded');
      });
      // Others take over while we still wait for the last confirms.
      await lease.giveUp();
      await publisher.drain();
    },
  };
}

function soonestRetry(runs: readonly RunRecord[]): number {
  return runs.reduce((soonest, { nextRetryAt }) => Math.min(soonest, nextRetryAt ?? soonest), Number.POSITIVE_INFINITY);
}
