import { createSchedulerEngine } from '@simple-scheduler/engine';
import type {
  Clock,
  Consumption,
  Ids,
  Log,
  MessageBus,
  Meter,
  Random,
  SchedulerEngine,
  Store,
} from '@simple-scheduler/engine';
import type { Readiness } from '@simple-scheduler/runtime';
import { createTurns } from './turns.ts';

export interface SchedulerAppSettings {
  /** 0: no limit. */
  readonly maxJobs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly cleanupIntervalMs: number;
  readonly cacheRefreshIntervalMs: number;
  /** How long `stop` may take, with all else that the process has to stop. */
  readonly shutdownTimeoutMs: number;
}

export interface SchedulerDeps {
  readonly settings: SchedulerAppSettings;
  /** Migrated, and not closed by the scheduler. */
  readonly store: Store;
  /** Connected, and not closed by the scheduler. */
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly readiness: Readiness;
}

export interface Scheduler {
  readonly managerId: string;
  /** Registers, begins to hear workers and takes jobs. Call once. */
  start(): Promise<void>;
  /** Takes no new work, finishes what is in flight, gives all jobs back. Safe twice, and before `start`. */
  stop(): Promise<void>;
}

/** Statuses or heartbeats that one call handles: what came while the one before was at work. */
const MESSAGES_PER_BATCH = 2_000;
/** Of the time to stop, what the giving back of jobs may take: runs are to be settled before, and connections closed after it. */
const GIVE_BACK_SHARE = 0.5;

export function buildScheduler(deps: SchedulerDeps): Scheduler {
  const { settings, bus, readiness } = deps;
  const giveBackWithinMs = settings.shutdownTimeoutMs * GIVE_BACK_SHARE;
  const engine = createSchedulerEngine(deps, { ...settings, giveBackWithinMs }, (turn) => turns.wake(turn));
  const turns = createTurns(engine, deps);
  const consumptions: Consumption[] = [];
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  showReadiness(engine, deps);

  async function start(): Promise<void> {
    await engine.start();
    // Before the turns, so that no change is missed between the first look at the jobs and the first word about them.
    consumptions.push(await bus.onControl((message) => engine.onControl(message)));
    consumptions.push(await bus.consume('status', engine.onStatuses, { maxBatch: MESSAGES_PER_BATCH }));
    consumptions.push(await bus.consume('heartbeat', engine.onHeartbeats, { maxBatch: MESSAGES_PER_BATCH }));
    if (stopping === undefined) turns.start();
  }

  async function stop(): Promise<void> {
    readiness.set('scheduler', () => 'stopping');
    await starting?.catch(() => undefined);
    const mayWaitForBroker = Promise.allSettled([turns.stopRepairing(), ...consumptions.map((c) => c.stop())]);
    engine.stopTaking();
    await turns.stopHolding();
    try {
      // Not behind the broker: others can take the jobs over meanwhile.
      await engine.stop();
    } finally {
      await mayWaitForBroker;
      await engine.settle();
    }
    for (const result of await mayWaitForBroker) if (result.status === 'rejected') throw result.reason;
  }

  return {
    managerId: engine.managerId,
    start: () => (starting ??= start()),
    stop: () => (stopping ??= stop()),
  };
}

function showReadiness(engine: SchedulerEngine, { store, bus, readiness }: SchedulerDeps): void {
  readiness.set('database', () => store.ping().then(() => undefined));
  readiness.set('message bus', () => (bus.state() === 'connected' ? undefined : bus.state()));
  readiness.set('scheduler', () => (engine.trusted() ? undefined : 'its lease is not renewed'));
}
