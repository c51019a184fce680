/**
 * One scheduler: the use cases around the jobs that it holds. It has no loops and no timers of its own; whoever runs
 * it calls the turns, at the times that they return or when `onWake` says so.
 */
import { mayAct } from '@simple-scheduler/core';
import type { ControlMessage } from '@simple-scheduler/contracts';
import { finishDeletions } from '../jobs/finish-deletion.ts';
import type { BatchHandler } from '../ports/index.ts';
import { applyHeartbeats, applyStatuses } from './apply-events.ts';
import type { Context } from './context.ts';
import { HeldJobs } from './held-jobs.ts';
import { giveBackExcess, type Holder, refreshHeld, reloadChanged, reloadHeld, takeJobs } from './hold-jobs.ts';
import { Publisher } from './publisher.ts';
import { startDueRuns } from './start-due-runs.ts';
import { watchRuns } from './watch-runs.ts';

export interface SchedulerSettings {
  /** 0: no limit. */
  readonly maxJobs: number;
  readonly heartbeatTimeoutMs: number;
}

/** Turns that should be called soon. */
export type Turn = 'start_due' | 'take' | 'watch' | 'rebalance';

export interface SchedulerEngine {
  readonly managerId: string;
  /** Registers this scheduler. Call before the turns. */
  start(): Promise<void>;
  /** Renews the lease of all jobs held; every `HEARTBEAT_INTERVAL`. */
  renew(): Promise<void>;
  /** Starts what is due. Returns when it wants to be called next; null: when woken. */
  startDue(): Promise<number | null>;
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
  /** Stops starting runs, settles what is in flight and gives all jobs back. Safe twice, and before `start`. */
  stop(): Promise<void>;
}

export function createSchedulerEngine(
  context: Context,
  settings: SchedulerSettings,
  onWake: (turn: Turn) => void,
): SchedulerEngine {
  const held = new HeldJobs();
  const publisher = new Publisher(context);
  const managerId = context.ids.uid();
  const holder: Holder = { managerId, held, unsure: false, ...settings };
  const startedAt = context.clock.now();
  const changed = new Set<string>();
  let renewedAt = Number.NEGATIVE_INFINITY;
  let refreshedAt = startedAt;
  let stopped = false;
  /** Set when the lease may have been lost: what we hold must be read again before anything is started. */
  let doubtful = false;
  // What we hold is changed by one turn at a time, so that a reading of it all is not overtaken by a taking.
  const holding = createTurnstile();

  const trusted = (): boolean =>
    !stopped && mayAct({ renewedAt, heartbeatTimeoutMs: settings.heartbeatTimeoutMs }, context.clock.now());

  async function renew(): Promise<void> {
    if (stopped) return;
    const at = context.clock.now();
    if (!trusted() && renewedAt !== Number.NEGATIVE_INFINITY) doubtful = true;
    await context.store.renewManager({ id: managerId, startedAt, maxJobs: settings.maxJobs });
    // Counted from before the call: a slow answer must not stretch the lease.
    renewedAt = at;
    if (doubtful) onWake('take');
  }

  /** After a silence, or a taking whose answer was lost. */
  async function readAgain(): Promise<void> {
    if (!doubtful && !holder.unsure) return;
    if (doubtful) context.log.warn({ managerId }, 'the lease was not renewed in time; reading the held jobs again');
    await reloadHeld(context, holder);
    doubtful = false;
    onWake('start_due');
  }

  async function take(): Promise<void> {
    if (!trusted()) return;
    await readAgain();
    if (changed.size > 0) {
      const names = [...changed].slice(0, 1_000);
      for (const name of names) changed.delete(name);
      try {
        await reloadChanged(context, holder, names);
      } catch (error) {
        for (const name of names) changed.add(name);
        throw error;
      }
      onWake('start_due');
      if (changed.size > 0) onWake('take');
    }
    if ((await takeJobs(context, holder)) > 0) onWake('start_due');
  }

  async function refresh(): Promise<void> {
    if (!trusted()) return;
    await readAgain();
    const at = context.clock.now();
    await refreshHeld(context, holder, refreshedAt);
    refreshedAt = at;
    await giveBackExcess(context, holder);
    context.meter.gauge('jobs_held', held.size);
    onWake('start_due');
  }

  return {
    managerId,
    start: async () => {
      await renew();
      await context.bus.announce({ type: 'scheduler_joined', managerId });
    },
    renew,
    startDue: async () =>
      trusted() ? startDueRuns(context, { managerId, held, publisher }, context.clock.now()) : null,
    take: () => holding(take),
    refresh: async () => {
      await holding(refresh);
      await finishDeletions(context);
    },
    watch: async () => {
      const now = context.clock.now();
      const { more } = await watchRuns(context, now);
      return more ? now : context.store.nextWatchAt();
    },
    onStatuses: (messages) => applyStatuses(context, messages),
    onHeartbeats: (messages) => applyHeartbeats(context, messages),
    onControl: (message) => {
      if (message.type === 'job_changed') for (const name of message.names) changed.add(name);
      if (message.type === 'scheduler_joined' && message.managerId !== managerId) onWake('rebalance');
      else onWake('take');
    },
    heldJobs: () => held.size,
    trusted: () => trusted() && !doubtful,
    stop: async () => {
      if (stopped) return;
      stopped = true;
      held.clear();
      if (renewedAt !== Number.NEGATIVE_INFINITY) {
        // Others take over while we still wait for the last confirms.
        await context.store.releaseJobsOf([managerId]);
        await context.store.removeManager(managerId);
        await context.bus.announce({ type: 'jobs_freed' });
      }
      await publisher.drain();
    },
  };
}

/** Runs what it is given one after the other. */
function createTurnstile(): (turn: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (turn) => {
    const mine = last.then(turn);
    last = mine.catch(() => undefined);
    return mine;
  };
}
