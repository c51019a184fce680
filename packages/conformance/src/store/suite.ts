import { describe } from 'vitest';
import { advanceTests } from './advances.ts';
import { deletionTests } from './deletions.ts';
import { durabilityTests } from './durability.ts';
import { type StoreSetup, useDatabase } from './harness.ts';
import { hostileTests } from './hostile.ts';
import { jobEditTests } from './job-edits.ts';
import { jobQueryTests } from './job-queries.ts';
import { jobTests } from './jobs.ts';
import { leaseModelTests } from './lease-model.ts';
import { leaseRaceTests } from './lease-races.ts';
import { leaseTests } from './leases.ts';
import { managerTests } from './managers.ts';
import { requestTests } from './requests.ts';
import { runInsertTests } from './run-inserts.ts';
import { runPruningTests } from './run-pruning.ts';
import { runQueryTests } from './run-queries.ts';
import { runSignTests } from './run-signs.ts';
import { runTickListTests } from './run-tick-lists.ts';
import { runTickTests } from './run-ticks.ts';
import { runUpdateTests } from './run-updates.ts';
import { runWorkTests } from './run-work.ts';

/** Registers everything that the Store port promises, as tests of this driver. Each test gets an empty database. */
export function storeSuite(name: string, setup: StoreSetup): void {
  describe(`${name} as a Store`, () => {
    const db = useDatabase(setup);
    durabilityTests(db);
    managerTests(db);
    jobTests(db);
    jobEditTests(db);
    jobQueryTests(db);
    deletionTests(db);
    leaseTests(db);
    leaseRaceTests(db);
    leaseModelTests(db);
    advanceTests(db);
    runInsertTests(db);
    runTickTests(db);
    runTickListTests(db);
    runUpdateTests(db);
    runSignTests(db);
    runWorkTests(db);
    runQueryTests(db);
    runPruningTests(db);
    requestTests(db);
    hostileTests(db);
  });
}
