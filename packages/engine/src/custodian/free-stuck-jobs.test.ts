import { expect, test } from 'vitest';
import { type CustodianContext, freeStuckJobs } from './free-stuck-jobs.ts';

/** A store with jobs of two dead schedulers: one that is still registered, and one that is not. */
function storeOf(jobs: { silent: number; orphaned: number }) {
  const left = { ...jobs };
  let registered = true;
  const release = (limit: number, from: 'silent' | 'orphaned'): number => {
    const freed = Math.min(limit, left[from]);
    left[from] -= freed;
    return freed;
  };
  const store = {
    removeSilentManagers: async () => {
      const silent = registered ? ['silent'] : [];
      registered = false;
      return silent;
    },
    releaseJobsOf: async (_: string[], limit: number) => release(limit, 'silent'),
    releaseOrphans: async (limit: number) => {
      const freed = registered ? 0 : release(limit, 'silent');
      return freed + release(limit - freed, 'orphaned');
    },
  };
  const context = { store, log: { warn: () => {} }, meter: { count: () => {} } } as unknown as CustodianContext;
  return { context, left };
}

test('asks to be called again until nothing is left, each call with a bounded part', async () => {
  const { context, left } = storeOf({ silent: 45_000, orphaned: 7_000 });
  let turns = 1;
  while ((await freeStuckJobs(context, 10_000)).more) turns += 1;
  expect(left).toEqual({ silent: 0, orphaned: 0 });
  expect(turns).toBeGreaterThan(2);
});

test('is content with one call where there is little to do', async () => {
  const { context, left } = storeOf({ silent: 3, orphaned: 2 });
  expect(await freeStuckJobs(context, 10_000)).toEqual({ more: false });
  expect(left).toEqual({ silent: 0, orphaned: 0 });
});
