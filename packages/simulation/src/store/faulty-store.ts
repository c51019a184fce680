import { type Store, StoreUnavailableError } from '@simple-scheduler/engine';
import type { Faults } from '../world/faults.ts';
import type { Process } from '../world/process.ts';
import type { RandomStream } from '../world/random.ts';
import type { World } from '../world/world.ts';

/** Shared by all connections to one database. */
export interface StoreCondition {
  down: boolean;
}

/** Calls that take a batch of records: a failure may hit in the middle of one. */
const BATCHED = new Set([
  'insertRuns',
  'updateRuns',
  'advanceJobs',
  'markPublished',
  'recordHeartbeats',
  'releaseJobs',
  'pruneRuns',
]);

/**
 * The store as a process sees it over a network: slow, sometimes failing before the call takes effect, sometimes after
 * it did or in the middle of a batch, which look the same to the caller.
 */
export function storeOverNetwork(options: {
  world: World;
  process: Process;
  store: Store;
  condition: StoreCondition;
  faults: () => Faults;
  random: RandomStream;
}): Store {
  const { world, process, store, condition, faults, random } = options;
  const lag = (): number => {
    const { storeSlow, storeSlowMaxMs } = faults();
    return random.chance(storeSlow) ? random.int(50, storeSlowMaxMs) : random.delay(1, 20);
  };

  async function call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { storeFailBefore, storeFailAfter } = faults();
    const fails = random.chance(storeFailBefore) ? 'before' : random.chance(storeFailAfter) ? 'after' : undefined;
    const share = random.next();
    // A request that has left the process arrives, whatever becomes of the process.
    await world.sleep(lag());
    if (condition.down || fails === 'before') return refuse(name);
    const batch = args[0];
    if (fails === 'after' && BATCHED.has(name) && Array.isArray(batch)) {
      await execute(name, [batch.slice(0, Math.floor(share * (batch.length + 1))), ...args.slice(1)]);
      return refuse(name);
    }
    const result = await execute(name, args);
    if (fails === 'after') return refuse(name);
    return process.reach(lag(), result);
  }

  function execute(name: string, args: readonly unknown[]): Promise<unknown> {
    return (
      (store as unknown as Record<string, (...a: readonly unknown[]) => Promise<unknown>>)[name]?.(...args) ??
      Promise.resolve()
    );
  }

  async function refuse(name: string): Promise<never> {
    await process.reach(lag(), undefined);
    throw new StoreUnavailableError(`${name}: no answer`);
  }

  return new Proxy(store, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        call(String(name), args),
  });
}
