import type { Run } from '@simple-scheduler/contracts';
import type { Store } from '@simple-scheduler/engine';
import { waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { expect, it } from 'vitest';
import { metric, readyFields } from './support/health.ts';
import { type Installation, install } from './support/installation.ts';
import { allRuns, faultsOfLedger } from './support/ledger.ts';
import { startPlainWorker } from './support/plain-worker.ts';
import { holdings, seedJobs, storeOf } from './support/seeding.ts';

const JOBS = 3_000;
const BUSY = 100;
const CACHE_REFRESH_MS = 3_000;
const HOUR_MS = 3_600_000;
const LATE_MS = 1_000;

/** Looking at 3,000 jobs takes some of the time that is measured. */
const look = { intervalMs: 100 };

const workQueue = 'shared';
/** Half of the busy jobs run each second, the others every other one; the idle ones have an hour to go. */
const busyJobs = Array.from({ length: BUSY }, (_, i) => ({ name: `busy-${i}`, interval: i % 2 === 0 ? 1_000 : 2_000 }));

async function seed(system: Installation): Promise<void> {
  const now = Date.now();
  const like = { workQueue, allowConcurrentRuns: true };
  const idle = Array.from({ length: JOBS - BUSY }, (_, i) => ({ name: `idle-${i}`, nextRunAt: now + HOUR_MS + i }));
  for (const interval of [1_000, 2_000]) {
    const jobs = busyJobs.filter((job) => job.interval === interval);
    const placed = jobs.map(({ name }, i) => ({ name, nextRunAt: now + interval + i }));
    await seedJobs(system, { ...like, interval }, placed);
  }
  await seedJobs(system, { ...like, interval: HOUR_MS }, idle);
}

const shares = async (store: Store): Promise<number[]> =>
  [...(await holdings(store)).values()].map((names) => names.length).toSorted((a, b) => a - b);

it('shares 3,000 jobs with a fourth scheduler, and takes over from one that stops, without a late tick', async () => {
  await using system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    schedulers: 3,
    settings: {
      SIMPLE_SCHEDULER_CACHE_REFRESH_INTERVAL: String(CACHE_REFRESH_MS),
      SIMPLE_SCHEDULER_CLEANUP_INTERVAL: '1000',
    },
  });
  await using store = await storeOf(system);
  await using worker = await startPlainWorker({ url: system.amqpUrl, workQueue });
  await seed(system);
  await waitFor(async () => (await shares(store)).every((share) => share === JOBS / 3), {
    ...look,
    message: 'three schedulers to hold 1,000 each',
  });
  const afterTicks = (moment: number): Promise<boolean> =>
    waitFor(() => worker.receipts.some(({ scheduledAt }) => Date.parse(scheduledAt ?? '') > moment), {
      message: 'later ticks',
    });
  await afterTicks(Date.now() + 2_000);

  const joinsAt = Date.now();
  await system.addScheduler();
  const joinedAt = Date.now();
  const balanced = (all: number[]): boolean => all.length === 4 && all.every((n) => Math.abs(n - 750) <= 75);
  let seen: number[] = [];
  await waitFor(async () => balanced((seen = await shares(store))), {
    ...look,
    timeoutMs: 2 * CACHE_REFRESH_MS,
    message: () => `four schedulers to hold 750 each, not ${seen.join(', ')}`,
  });
  const balancedAt = Date.now();
  await afterTicks(balancedAt + 2_000);
  expect(balanced(await shares(store)), 'it stays so').toBe(true);
  await waitFor(async () => (await store.countTakeable()).free === 0, { ...look, message: 'all jobs to be held' });

  // The one with the most to do leaves.
  const busyOf = (names: readonly string[]): string[] => names.filter((name) => name.startsWith('busy'));
  const [leaverId, orphans] = [...(await holdings(store))]
    .map(([id, names]) => [id, busyOf(names)] as const)
    .toSorted(([, a], [, b]) => b.length - a.length)[0] as readonly [string, string[]];
  expect(orphans.length, 'busy jobs of the leaver').toBeGreaterThan(BUSY / 10);
  const ids = await Promise.all(system.schedulers.map(async (each) => (await readyFields(each))['managerId']));
  const [leaver] = system.schedulers.splice(ids.indexOf(leaverId), 1);
  const leavesAt = Date.now();
  const gone = leaver?.stop();
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
  await waitFor(async () => (seen = await shares(store)).length === 3 && sum(seen) === JOBS, {
    ...look,
    message: () => `the other three to hold all jobs, not ${seen.join(', ')}`,
  });
  const takenOverMs = Date.now() - leavesAt;
  expect(await gone).toBe(0);
  await afterTicks(Date.now() + 3_000);

  const lateBy: { join: number; leave: number } = { join: 0, leave: 0 };
  const late = ({ scheduledAt, createdTime, publishedAt }: Run): number =>
    Date.parse(publishedAt ?? createdTime) - Date.parse(scheduledAt);
  for (const { name, interval } of busyJobs) {
    const runs = await allRuns(system.client, name);
    expect(faultsOfLedger(runs, interval), name).toEqual({ missing: [], doubled: [] });
    for (const run of runs) {
      const at = Date.parse(run.scheduledAt);
      if (at >= joinsAt && at < leavesAt) lateBy.join = Math.max(lateBy.join, late(run));
      if (at >= leavesAt && orphans.includes(name)) lateBy.leave = Math.max(lateBy.leave, late(run));
    }
  }
  console.log(
    `balanced ${balancedAt - joinedAt} ms after the fourth was ready, ticks at most ${lateBy.join} ms late;`,
    `jobs of the leaver taken over in ${takenOverMs} ms, ticks at most ${lateBy.leave} ms late`,
  );
  expect(lateBy.join).toBeLessThan(LATE_MS);
  expect(lateBy.leave).toBeLessThan(LATE_MS);
  for (const scheduler of system.schedulers)
    expect(await metric(scheduler, 'simple_scheduler_jobs_fenced_total')).toBe(0);
});
