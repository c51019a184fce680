import { expect, it } from 'vitest';
import { openSqliteStore } from './open.ts';

it('calls a manager silent once the timeout is over, not when it is just reached, by the given clock', async () => {
  let now = 1_000;
  const store = await openSqliteStore({ path: ':memory:', now: () => now });
  await store.migrate();
  expect(await store.renewManager({ id: 'a', startedAt: 5, maxJobs: 0 })).toStrictEqual({ heartbeatAt: 1_000 });
  now = 1_500;
  expect(await store.removeSilentManagers(500)).toStrictEqual([]);
  expect(await store.listManagers()).toStrictEqual({
    managers: [{ id: 'a', startedAt: 5, heartbeatAt: 1_000, maxJobs: 0 }],
    now: 1_500,
  });
  now = 1_501;
  expect(await store.removeSilentManagers(500)).toStrictEqual(['a']);
  await store.close();
});
