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
  /** Reads what changed, and hands back what is more than the fair share; every `CACHE_REFRESH_INTERVAL`. */
  refresh(): Promise<void>;
  /** Cleans up after deleted jobs, whoever held them; as often. May wait for the broker. */
  finishDeletions(): Promise<void>;
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
  /** Stops starting runs, records what was begun and gives all jobs back. Does not wait for the broker. Safe twice, and before `start`. */
  stop(): Promise<void>;
  /** Resolves when what was to be published is settled. After `stop`, when nobody handles messages or watches runs any more. */
  settle(): Promise<void>;
}

export function createSchedulerEngine(
  context: Context,
  settings: SchedulerSettings,
  onWake: (turn: Turn) => void,
): SchedulerEngine {
  const publisher = new Publisher(context, () => onWake('mark'));
  const lease = new Lease(context, settings, onWake);
  const { managerId, held } = lease;
  let stopping: Promise<void> | undefined;
  const isStopped = (): boolean => stopping !== undefined;
  const mayStart = (): boolean => !isStopped() && lease.trusted();
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
    submit: (runs) => publisher.submit(runs),
    cancelAgain: (runs) => publisher.cancelAgain(runs),
  };

  async function stop(): Promise<void> {
    await ticks.drain();
    await moves.flush().catch((error: unknown) => {
      context.log.warn({ err: error }, 'some jobs could not be moved on; who takes them finds their ticks recorded');
    });
    // Others take over while we still wait for the last confirms.
    await lease.giveUp();
  }

  return {
    managerId,
    start: async () => {
      await lease.renew();
      await context.bus.announce({ type: 'scheduler_joined', managerId });
    },
    renew: async () => {
      if (!isStopped()) await lease.renew();
    },
    startDue: () => ticks.start(),
    move: () => moves.move(),
    mark: () => publisher.mark(),
    take: async () => {
      if (!isStopped()) await lease.take();
    },
    refresh: async () => {
      if (!isStopped()) await lease.refresh();
    },
    finishDeletions: async () => void (await finishDeletions(context)),
    watch: async () => {
      const now = context.clock.now();
      // What is asked for from here on may be missed by this turn: it is to be followed by another.
      watchAt = Number.POSITIVE_INFINITY;
      const { more } = await watchRuns(context, now, publisher);
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
    stop: () => (stopping ??= stop()),
    settle: () => publisher.drain(),
  };
}

function soonestRetry(runs: readonly RunRecord[]): number {
  return runs.reduce((soonest, { nextRetryAt }) => Math.min(soonest, nextRetryAt ?? soonest), Number.POSITIVE_INFINITY);
}
