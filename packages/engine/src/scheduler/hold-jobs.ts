/**
 * Which jobs this scheduler holds: taking free ones up to its fair share, giving back what is too many (at its end all), and reading
 * again what others changed.
 */
import { topologyFor } from '@simple-scheduler/contracts';
import { fairShare, type HeldJob, type ManagerRecord } from '@simple-scheduler/core';
import { type ChangedJob, STORE_BATCH_MAX } from '../ports/index.ts';
import type { Context } from './context.ts';
import type { HeldJobs } from './held-jobs.ts';

const TAKE_BATCH = 1_000;
const GIVE_BACK_BATCH = 2_000;
const PAGE = 1_000;
/** Clocks of different machines may differ by this much without a change being overlooked. */
const CLOCK_MARGIN_MS = 5 * 60_000;

export interface Holder {
  readonly managerId: string;
  readonly maxJobs: number;
  readonly heartbeatTimeoutMs: number;
  readonly held: HeldJobs;
  /** Taking many jobs lasts: whether to go on is asked before each batch. */
  readonly mayTake: () => boolean;
  /**
   * True while the store may hold jobs for us that we do not know of, or the other way round: a taking or a giving back
   * whose answer did not come may have taken effect.
   */
  unsure: boolean;
  /** Since when there are free jobs that this scheduler has no room for, and whether that was told. */
  overflow?: { readonly since: number; isTold: boolean } | undefined;
}

/** How many jobs are ours, and how many more there are to take at most. */
async function shareOf(context: Context, holder: Holder): Promise<{ share: number; free: number }> {
  const { managers, now } = await context.store.listManagers();
  const live = managers.filter((manager) => isLive(manager, now, holder));
  const limits = live.map((manager) => manager.maxJobs);
  // Alone, all are ours up to the limit. To count them would cost the more the more there are.
  const alone = live.every((manager) => manager.id === holder.managerId);
  const { total, free } = alone ? UNCOUNTED : await context.store.countTakeable();
  return { share: fairShare({ totalJobs: total, limits, ownLimit: holder.maxJobs }), free };
}

const UNCOUNTED = { total: Number.POSITIVE_INFINITY, free: Number.POSITIVE_INFINITY };

const isLive = (manager: ManagerRecord, now: number, holder: Holder): boolean =>
  manager.id === holder.managerId || now - manager.heartbeatAt <= holder.heartbeatTimeoutMs;

/** Takes free jobs up to the fair share, soonest first. Returns how many it got. */
export async function takeJobs(context: Context, holder: Holder): Promise<number> {
  // The usual answer is no; counting all jobs to find that out would cost more the more there are.
  const anyFree = await context.store.anyFree();
  noteOverflow(context, holder, anyFree);
  if (!anyFree) return 0;
  const { share, free } = await shareOf(context, holder);
  let wanted = Math.min(share - holder.held.size, free);
  let got = 0;
  while (wanted > 0 && holder.mayTake()) {
    holder.unsure = true;
    const jobs = await context.store.takeFreeJobs(holder.managerId, Math.min(wanted, TAKE_BATCH));
    for (const job of jobs) holder.held.put(job);
    holder.unsure = false;
    got += jobs.length;
    wanted -= jobs.length;
    if (jobs.length === 0) break;
  }
  // Infinity is no number to JSON.
  const told = Number.isFinite(share) ? { share } : {};
  if (got > 0) context.log.info({ got, held: holder.held.size, ...told }, 'took jobs');
  return got;
}

/**
 * Jobs that are free for longer than it takes to replace a scheduler stay so while all are full, and run nowhere. That shows in nothing
 * else: whoever holds none of them has nothing to be late with.
 */
function noteOverflow({ clock, log }: Context, holder: Holder, anyFree: boolean): void {
  const { maxJobs, held, heartbeatTimeoutMs } = holder;
  if (!anyFree || maxJobs === 0 || held.size < maxJobs) {
    holder.overflow = undefined;
    return;
  }
  holder.overflow ??= { since: clock.now(), isTold: false };
  const { since, isTold } = holder.overflow;
  if (isTold || clock.now() - since < heartbeatTimeoutMs) return;
  holder.overflow.isTold = true;
  log.warn({ maxJobs }, 'there are jobs that nobody holds, and MAX_JOBS lets this scheduler take no more');
}

/** Gives back what is more than the fair share, those due last first. */
export async function giveBackExcess(context: Context, holder: Holder): Promise<void> {
  const { share } = await shareOf(context, holder);
  const excess = holder.held.size - share;
  if (excess <= 0) return;
  const given = holder.held.latest(excess);
  // Out of the queue first: a job that is given back must not start a run here any more.
  holder.unsure = true;
  for (const { name } of given) holder.held.remove(name);
  let released = 0;
  for (let from = 0; from < given.length; from += STORE_BATCH_MAX) {
    released += await context.store.releaseJobs(holder.managerId, given.slice(from, from + STORE_BATCH_MAX));
  }
  holder.unsure = false;
  context.log.info({ released, held: holder.held.size, share }, 'gave jobs back');
  await context.bus.announce({ type: 'jobs_freed' });
}

/**
 * Gives back all jobs of a manager that is not registered any more: those due soonest first, so that others go on with these while the
 * rest follows. What there is no time for is left to the custodians, who look for such jobs.
 */
export async function giveBackAll(
  { store, bus, clock, log }: Context,
  { managerId, held }: Holder,
  withinMs: number,
): Promise<void> {
  const until = clock.now() + withinMs;
  const told: Promise<void>[] = [];
  const tell = (): void => void told.push(bus.announce({ type: 'jobs_freed' }));
  while (held.size > GIVE_BACK_BATCH && clock.now() < until) {
    const soonest = held.takeDue(Number.POSITIVE_INFINITY, GIVE_BACK_BATCH);
    if (soonest.length === 0) break;
    for (const { name } of soonest) held.remove(name);
    await store.releaseJobs(managerId, soonest);
    tell();
  }
  // What is left, and what we do not know of: a taking whose answer was lost.
  let freed = GIVE_BACK_BATCH;
  while (freed >= GIVE_BACK_BATCH && clock.now() < until) {
    freed = await store.releaseJobsOf([managerId], GIVE_BACK_BATCH);
  }
  if (freed >= GIVE_BACK_BATCH) log.warn({ left: held.size, withinMs }, 'left jobs for custodians to free');
  tell();
  await Promise.all(told);
}

/** Reads all jobs that the store says are ours: after a silence that may have cost them. */
export async function reloadHeld(context: Context, holder: Holder): Promise<void> {
  const seen = new Set<string>();
  let after: string | undefined;
  do {
    const page = await context.store.heldJobs(holder.managerId, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const job of page) {
      seen.add(job.name);
      putChanged(holder, job);
    }
    after = page.length === PAGE ? page.at(-1)?.name : undefined;
  } while (after !== undefined);
  for (const name of [...holder.held.names()]) if (!seen.has(name)) holder.held.remove(name);
  holder.unsure = false;
}

/** Reads what changed since the last refresh: the safety net under the announcements. */
export async function refreshHeld(context: Context, holder: Holder, lastRefreshAt: number): Promise<void> {
  let from: { since: number; after?: string } | undefined = { since: lastRefreshAt - CLOCK_MARGIN_MS };
  while (from !== undefined) {
    const page: ChangedJob[] = await context.store.changedJobs(holder.managerId, { ...from, limit: PAGE });
    for (const job of page) putChanged(holder, job);
    const last = page.length === PAGE ? page.at(-1) : undefined;
    from = last && { since: last.updatedAt, after: last.name };
  }
}

/** One that is known as it is may be in a turn just now, and stays out of the queue. */
function putChanged({ held }: Holder, { name, nextRunAt, leaseToken }: HeldJob): void {
  const known = held.get(name);
  if (known?.nextRunAt !== nextRunAt || known.leaseToken !== leaseToken) held.put({ name, nextRunAt, leaseToken });
}

/** Reads again jobs that someone said have changed, and keeps those that are ours. */
export async function reloadChanged(context: Context, holder: Holder, names: readonly string[]): Promise<void> {
  const jobs = new Map((await context.store.getJobs(names)).map((job) => [job.name, job]));
  context.bus.forgetTopologies(names.filter((name) => !jobs.has(name)).map((name) => topologyFor({ name })));
  for (const name of names) {
    const job = jobs.get(name);
    if (job?.managerId === holder.managerId && job.nextRunAt !== undefined) {
      holder.held.put({ name, nextRunAt: job.nextRunAt, leaseToken: job.leaseToken });
    } else {
      holder.held.remove(name);
    }
  }
}
