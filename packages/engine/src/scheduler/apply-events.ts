/**
 * Follows runs by what workers say. Messages come in batches, late, twice and in any order; per run they are folded
 * through the state machine into one conditional write, and acknowledged only after it.
 */
import { type RunEvent, type RunRecord, transition } from '@simple-scheduler/core';
import type { IncomingMessage, Settlement } from '../ports/index.ts';
import type { Context } from './context.ts';
import { applyIsolated, type Hopeless, throwUnlessProved } from './isolated.ts';
import { promoteWaiting } from './promote-waiting.ts';
import { deadLetter, type Received, type Reception, receiveHeartbeat, receiveStatus } from './receive-messages.ts';
import { updateRuns } from './update-runs.ts';

/** What whoever publishes has to do with it. */
export interface PublisherSide {
  /** The run as it is, where the store does not know yet that its action was published. */
  published(run: RunRecord): RunRecord;
  /** Told of the runs that these messages changed, as they are now in the store. */
  written(runs: readonly RunRecord[]): void;
  /** Publishes the actions that these owe. Need not wait for the bus: all messages would wait for one action that it does not confirm. */
  submit(runs: readonly RunRecord[]): Promise<void>;
  /** Publishes `cancel` once more for these, which have ended. */
  cancelAgain(runs: readonly RunRecord[]): Promise<void>;
}

/**
 * Applies one batch of messages of the status queue, and starts what waited for the runs that ended. Returns how to
 * settle each message, in their order: `dead` is what can never be applied.
 * @throws StoreUnavailableError, or what else kept all of them from the store: nothing may be settled then, and the whole
 *   batch can be given again
 */
export function applyStatuses(
  context: Context,
  messages: readonly IncomingMessage[],
  publisher: PublisherSide,
): Promise<Settlement[]> {
  return apply(context, messages.map(receiveStatus), (runs, events) => applyFolded(context, publisher, runs, events));
}

/** The same for a batch of the heartbeat queue. */
export function applyHeartbeats(
  context: Context,
  messages: readonly IncomingMessage[],
  publisher: PublisherSide,
): Promise<Settlement[]> {
  return apply(context, messages.map(receiveHeartbeat), (runs, events) =>
    recordHeartbeats(context, publisher, runs, events),
  );
}

/**
 * Runs of one batch that are loaded and written together. A batch is several such parts side by side, so that neither the
 * database nor this process waits for the other; all messages about a run are in one part, in their order.
 */
const RUNS_PER_PART = 250;

type EventsOf = Map<string, RunEvent[]>;
type MessagesOf = ReadonlyMap<string, readonly Received[]>;
type Write = (runs: readonly RunRecord[], events: EventsOf) => Promise<void>;

async function apply(context: Context, receptions: readonly Reception[], write: Write): Promise<Settlement[]> {
  const received = receptions.flatMap((reception) => (reception.ok ? [reception.received] : []));
  const byRun = [...Map.groupBy(received, (message) => message.runId)];
  const parts: Promise<Hopeless>[] = [];
  for (let from = 0; from < byRun.length; from += RUNS_PER_PART) {
    const part = byRun.slice(from, from + RUNS_PER_PART);
    parts.push(applyIsolated(part, (some) => applyPart(context, new Map(some), write)));
  }
  const hopeless = new Map<string, Error>();
  // Whoever repeats the batch after a failure must not meet a part of it that is still being written.
  for (const part of await Promise.allSettled(parts)) {
    if (part.status === 'rejected') throw part.reason;
    for (const [runId, error] of part.value) hopeless.set(runId, error);
  }
  throwUnlessProved(hopeless, byRun.length - hopeless.size);
  for (const [runId, err] of hopeless)
    context.log.error({ runId, err }, 'what a worker said of a run cannot be applied to it');
  return receptions.map((reception): Settlement => {
    const settlement = reception.ok ? settledFor(hopeless.get(reception.received.runId)) : reception.settlement;
    if (settlement.kind === 'dead') context.meter.count('messages_dead_lettered_total');
    return settlement;
  });
}

const settledFor = (error: Error | undefined): Settlement =>
  error === undefined ? { kind: 'ack' } : deadLetter(`cannot be applied to its run: ${error.message}`);

async function applyPart(context: Context, byRun: MessagesOf, write: Write): Promise<void> {
  const events: EventsOf = new Map();
  const known: RunRecord[] = [];
  for (const run of await context.store.getRuns([...byRun.keys()])) {
    const own = (byRun.get(run.id) as Received[]).filter((message) => message.jobName === run.jobName);
    if (own.length === 0) continue;
    known.push(run);
    events.set(
      run.id,
      own.map((message) => message.event),
    );
  }
  countUnknown(context, byRun, known);
  if (known.length > 0) await write(known, events);
}

/** A message about a run that does not exist (any more), or names another job's run, changes nothing. */
function countUnknown(context: Context, byRun: MessagesOf, known: readonly RunRecord[]): void {
  const missing = byRun.size - known.length;
  if (missing === 0) return;
  context.meter.count('messages_ignored_total', missing, { because: 'unknown_run' });
  context.log.debug({ missing }, 'ignored messages about unknown runs');
}

async function applyFolded(
  context: Context,
  publisher: PublisherSide,
  runs: readonly RunRecord[],
  events: EventsOf,
): Promise<void> {
  const cancelAgain = new Map<string, RunRecord>();
  const written = await updateRuns(context, runs, (run) =>
    fold(context, publisher.published(run), events.get(run.id) ?? [], cancelAgain),
  );
  publisher.written([...written.values()]);
  const ended: string[] = [];
  const owing: RunRecord[] = [];
  for (const run of written.values()) {
    if (run.endedAt !== undefined) ended.push(run.jobUid);
    // A `run` that is owed still is being published by whoever began that attempt, or will be by the watchdog.
    else if (run.owes === 'cancel') owing.push(run);
  }
  owing.push(...(await promoteWaiting(context, [...new Set(ended)])));
  await Promise.all([publisher.submit(owing), publisher.cancelAgain([...cancelAgain.values()])]);
}

function fold(
  context: Context,
  run: RunRecord,
  events: readonly RunEvent[],
  cancelAgain: Map<string, RunRecord>,
): RunRecord | undefined {
  const now = context.clock.now();
  let state = run;
  for (const event of events) {
    const result = transition(state, event, now);
    if (result.kind === 'changed') state = result.run;
    else {
      context.meter.count('messages_ignored_total', 1, { because: result.because });
      context.log.debug(
        { runId: run.id, jobName: run.jobName, because: result.because, event: event.kind },
        'ignored a message',
      );
      if (result.cancelAgain) cancelAgain.set(run.id, state);
    }
  }
  return state === run ? undefined : state;
}

/** Heartbeats of running runs are written without a new revision; the first one of a pending run starts it. */
async function recordHeartbeats(
  context: Context,
  publisher: PublisherSide,
  runs: readonly RunRecord[],
  events: EventsOf,
): Promise<void> {
  const running = runs.filter((run) => run.status === 'running');
  const beats = running.flatMap((run) => {
    const after = fold(context, run, events.get(run.id) ?? [], new Map());
    if (after?.heartbeatAt === undefined) return [];
    const { progress, message, heartbeatAt } = after;
    return [
      {
        id: run.id,
        attempt: run.attempt,
        at: heartbeatAt,
        ...(progress === undefined ? {} : { progress }),
        ...(message === undefined ? {} : { message }),
      },
    ];
  });
  const others = runs.filter((run) => run.status !== 'running');
  await Promise.all([
    beats.length === 0 ? undefined : context.store.recordHeartbeats(beats),
    others.length === 0 ? undefined : applyFolded(context, publisher, others, events),
  ]);
}
