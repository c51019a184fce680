/**
 * Turns the due ticks of jobs into run records: the first step of a tick, and the one that makes it happen exactly
 * once. Tick keys are unique in the store, so whoever comes second (another scheduler, an edit of the job, a restart
 * after a crash) finds the tick already done.
 *
 * A plan for several ticks depends on the time at which it is made (which of them count as missed, where a row of
 * skipped ones ends), so two plans of the same ticks may differ. Therefore the records of one job are inserted oldest
 * first, each only after the one before it: what is there is always a prefix, the next record to insert always begins
 * at the first tick that is not covered, and everyone contends for that one key. Who finds a key taken looks at what
 * is covered and plans anew. Across jobs the inserts go in batches, one wave for the first record of each job, one for
 * the second, and so on.
 */
import {
  admit,
  type DuePlan,
  type JobRecord,
  misfireRecord,
  newRun,
  NO_PLACES,
  type Places,
  type PlannedTick,
  placesAfter,
  planDueTicks,
  type RunRecord,
  tickKey,
} from '@simple-scheduler/core';
import { OutdatedError, STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import { startOfTick, jobTicks } from './job-ticks.ts';
import { Overlaps } from './overlaps.ts';

/**
 * Late ticks of one job that one call settles at the most, the rest follow in the next call; on top of what its
 * misfire policy makes up for, so that a plan never ends within the missed ticks and starts their limit anew.
 */
const LATE_TICKS_PER_JOB_MAX = 200;
/**
 * Longest time between a look at what is recorded and an insert that rests on it. Who finds a tick unrecorded may have
 * been held up since, while others recorded it, went on and removed its record; retention keeps all for longer than this.
 */
export const PICTURE_MAX_AGE_MS = 30_000;
/** Times that a job is looked at anew because someone else was quicker, before the call gives up. */
const SETBACKS_MAX = 50;

export interface SettledJob {
  readonly job: JobRecord;
  /** Where `nextRunAt` goes; null: no tick is left. May still be due: then settle again. */
  readonly nextRunAt: number | null;
  /** Set when a once job's only tick is settled. */
  readonly completedAt?: number;
}

export interface SettledTicks {
  readonly jobs: SettledJob[];
  /** Runs created here that may start: their action is owed to the bus. */
  readonly started: RunRecord[];
  /** Jobs with runs created here that wait: the active run may have ended before they were there to be seen. */
  readonly waitingUids: string[];
}

interface Agenda {
  readonly job: JobRecord;
  ticks: readonly PlannedTick[];
  nextRunAt: number | null;
  done: number;
  setbacks: number;
}

/**
 * Settles all ticks due at `now` of these jobs, where `now` is from before they were loaded. Jobs that are not due are
 * left out of the answer. Safe to repeat. `overlaps` is what earlier calls have met.
 * @throws OutdatedError when it was held up on the way
 */
export async function settleDueTicks(
  context: Context,
  jobs: readonly JobRecord[],
  now: number,
  overlaps: Overlaps = new Overlaps(),
): Promise<SettledTicks> {
  const agendas = jobs.flatMap((job) => (isDue(job, now) ? [agendaOf(job, plan(job, job.nextRunAt, now))] : []));
  await skipCovered(
    context,
    agendas.filter((agenda) => agenda.ticks.length > 1),
    now,
  );
  const started: RunRecord[] = [];
  const waitingUids = new Set<string>();
  const places = new Map<string, Places>();
  let seenAt = now;
  for (let open = unfinished(agendas); open.length > 0; open = unfinished(open)) {
    for (let from = 0; from < open.length; from += STORE_BATCH_MAX) {
      const wave = open.slice(from, from + STORE_BATCH_MAX);
      await insertWave(context, wave, { now, seenAt, places, overlaps, started, waitingUids });
    }
    // The next records of these jobs rest on the ones just inserted.
    seenAt = context.clock.now();
  }
  return { jobs: agendas.map(settled(now)), started, waitingUids: [...waitingUids] };
}

const isDue = (job: JobRecord, now: number): job is JobRecord & { nextRunAt: number } =>
  job.nextRunAt !== undefined && startOfTick(job, job.nextRunAt) <= now;

const unfinished = (agendas: readonly Agenda[]): Agenda[] =>
  agendas.filter((agenda) => agenda.done < agenda.ticks.length);

const settled =
  (now: number) =>
  ({ job, nextRunAt }: Agenda): SettledJob => {
    const once = job.intervalMs === undefined && job.cron === undefined;
    return { job, nextRunAt, ...(once && nextRunAt === null ? { completedAt: now } : {}) };
  };

function plan(job: JobRecord, nextRunAt: number, now: number): DuePlan {
  const due = planDueTicks({
    source: jobTicks(job),
    nextRunAt,
    now,
    // A tick is late from the moment on at which it should have started.
    misfire: { policy: job.misfirePolicy, limit: job.misfireLimit, graceMs: job.misfireGraceMs + (job.jitterMs ?? 0) },
    maxTicks: LATE_TICKS_PER_JOB_MAX + job.misfireLimit,
  });
  if (!job.jitterMs) return due;
  const early = due.ticks.findIndex((tick) => tick.kind === 'run' && startOfTick(job, tick.scheduledAt) > now);
  const first = due.ticks[early];
  return first?.kind === 'run' ? { ...due, ticks: due.ticks.slice(0, early), nextRunAt: first.scheduledAt } : due;
}

const agendaOf = (job: JobRecord, { ticks, nextRunAt }: DuePlan): Agenda => ({
  job,
  ticks,
  nextRunAt,
  done: 0,
  setbacks: 0,
});

/** Plans these jobs anew from the first tick that no record covers yet. */
async function skipCovered(context: Context, agendas: readonly Agenda[], now: number): Promise<void> {
  if (agendas.length === 0) return;
  const latest = await context.store.latestTicks(
    agendas.map(({ job }) => ({ jobUid: job.uid, epoch: job.epoch, from: job.nextRunAt ?? now })),
  );
  for (const agenda of agendas) {
    const record = latest.get(agenda.job.uid);
    if (record === undefined) continue;
    const open = jobTicks(agenda.job).next(record.spanTo ?? record.scheduledAt);
    const rest = open === null || open > now ? { ticks: [], nextRunAt: open } : plan(agenda.job, open, now);
    Object.assign(agenda, { ticks: rest.ticks, nextRunAt: rest.nextRunAt, done: 0 });
  }
}

interface Wave {
  readonly now: number;
  readonly seenAt: number;
  readonly places: Map<string, Places>;
  readonly overlaps: Overlaps;
  readonly started: RunRecord[];
  readonly waitingUids: Set<string>;
}

/** Inserts the next record of each of these jobs. */
async function insertWave(context: Context, agendas: readonly Agenda[], state: Wave): Promise<void> {
  const { now, places, overlaps, started } = state;
  const unseen = new Set(agendas.filter((agenda) => isLeftToTheStore(agenda, places)));
  const looked = overlaps.areLikelyAmong(unseen.size) ? agendas : agendas.filter((agenda) => !unseen.has(agenda));
  await lookForPlaces(context, looked, places);
  const records = agendas.map((agenda) => recordOf(context, agenda, places, now));
  const heldUpMs = context.clock.now() - state.seenAt;
  if (heldUpMs > PICTURE_MAX_AGE_MS) throw new OutdatedError(`held up for ${heldUpMs} ms; looking at the jobs again`);
  const outcomes = await context.store.insertRuns(records);
  const overtaken: Agenda[] = [];
  let met = 0;
  outcomes.forEach((outcome, i) => {
    const agenda = agendas[i] as Agenda;
    const record = records[i] as RunRecord;
    if (unseen.has(agenda) && (outcome === 'slot_taken' || record.reason === 'overlap')) met += 1;
    context.meter.count('ticks_total', 1, { outcome: outcome === 'created' ? record.status : outcome });
    if (outcome === 'created') {
      agenda.done += 1;
      if (record.owes === 'run') started.push(record);
      else if (record.waiting) state.waitingUids.add(record.jobUid);
      return;
    }
    // Our picture of this job was old: look again, at its places or at what is covered.
    places.delete(agenda.job.uid);
    agenda.setbacks += 1;
    if (agenda.setbacks > SETBACKS_MAX)
      throw new Error(`the ticks of job ${agenda.job.name} are settled by someone else at the same time`);
    if (outcome === 'exists') overtaken.push(agenda);
  });
  overlaps.note(unseen.size, met);
  await skipCovered(context, overtaken, now);
}

/**
 * Whether the active slot is all that can stand in the way of a run of this job: none may wait, and that has been so
 * since the job was made (an edit may have left waiting runs, or active ones without a slot). Then the store refuses a
 * run that comes too early, and nobody has to look first.
 */
const isOneAtATime = (job: JobRecord): boolean => job.maxQueueCount === 0 && job.revision === 1;

/** A first try whose place nobody has looked at. */
const isLeftToTheStore = ({ job, setbacks }: Agenda, places: ReadonlyMap<string, Places>): boolean =>
  !job.allowConcurrentRuns && setbacks === 0 && isOneAtATime(job) && !places.has(job.uid);

async function lookForPlaces(context: Context, agendas: readonly Agenda[], places: Map<string, Places>): Promise<void> {
  const uids = agendas.flatMap(({ job }) => (job.allowConcurrentRuns || places.has(job.uid) ? [] : [job.uid]));
  if (uids.length === 0) return;
  const found = await context.store.occupancy(uids);
  for (const uid of uids) places.set(uid, found.get(uid) ?? NO_PLACES);
}

function recordOf(context: Context, { job, ticks, done }: Agenda, places: Map<string, Places>, now: number): RunRecord {
  const tick = ticks[done] as PlannedTick;
  const at = tick.kind === 'skipped_span' ? tick.from : tick.scheduledAt;
  const insertedAt = context.clock.now();
  const request = { id: context.ids.runId(now), now, insertedAt, scheduledAt: at, tickKey: tickKey(job, at) };
  if (tick.kind !== 'run')
    return misfireRecord(job, { ...request, trigger: 'schedule' }, tick.kind === 'skipped' ? undefined : tick);
  const before = places.get(job.uid) ?? NO_PLACES;
  const admission = admit(job, before);
  places.set(job.uid, placesAfter(before, admission));
  return newRun(job, { ...request, trigger: tick.trigger }, admission);
}
