import type { Store } from '@simple-scheduler/engine';
import { createReadiness, systemClock, systemRandom } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCustodian } from './app.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const meter = { count: () => {}, gauge: () => {}, observe: () => {} };

let store: Store;
let databaseNow = 1_000_000;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', now: () => databaseNow });
  await store.migrate();
});
afterEach(() => store.close());

function custodian() {
  const readiness = createReadiness();
  const settings = { heartbeatTimeoutMs: 1_000, cleanupIntervalMs: 20, retentionCount: 0, retentionAgeMs: 0 };
  const deps = { settings, store, clock: systemClock, random: systemRandom, log: quiet, meter, readiness };
  return { custodian: buildCustodian(deps), readiness };
}

const managers = async (): Promise<string[]> => (await store.listManagers()).managers.map(({ id }) => id);

describe('a custodian', () => {
  it('removes schedulers that are silent for longer than the timeout, and no others', async () => {
    const { custodian: built, readiness } = custodian();
    const [silent, alive] = ['a'.repeat(24), 'b'.repeat(24)];
    await store.renewManager({ id: silent, startedAt: 1, maxJobs: 0 });
    databaseNow += 1_001;
    await store.renewManager({ id: alive, startedAt: 1, maxJobs: 0 });
    built.start();
    await waitFor(async () => !(await managers()).includes(silent));
    expect(await managers()).toEqual([alive]);
    expect(await readiness.report()).toMatchObject({ ready: true });
    await built.stop();
  });

  it('shows on /readyz that it fails, and goes on when the store is back', async () => {
    const { custodian: built, readiness } = custodian();
    await store.close();
    built.start();
    await waitFor(async () => (await readiness.report()).checks['custodian']?.ok === false);
    await Promise.all([built.stop(), built.stop()]);
    expect((await readiness.report()).checks['database']?.reason).toContain('closed');
  });
});
