import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, StoreUnavailableError } from '@simple-scheduler/engine';
import type { Collection, Db } from 'mongodb';
import { type MigrationDocument, MigrationLock } from './lock.ts';
import type { Migration } from './migration.ts';

export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  readonly log?: Log | undefined;
  /** How long a holder that died keeps the others waiting. */
  readonly lockTtlMs?: number;
  /** How long to wait for another process's migration before giving up. */
  readonly waitMs?: number;
}

const LOCK_TTL_MS = 30_000;
const WAIT_MS = 120_000;
const POLL_MS = 100;

/** True when nothing is missing; that needs one read, and is so at nearly every start. */
export async function isMigrated(db: Db, { migrations, log }: MigrateOptions): Promise<boolean> {
  const applied = await appliedNumbers(migrationsOf(db));
  const newest = Math.max(0, ...applied);
  const known = Math.max(0, ...migrations.map((migration) => migration.number));
  if (newest > known)
    log?.warn({ newest, known }, 'the database was migrated by a newer version of Simple Scheduler than this one');
  return migrations.every((migration) => applied.has(migration.number));
}

/**
 * Applies what is missing, in order, each once, by one process at a time.
 *
 * @throws StoreUnavailableError when another process goes on migrating for longer than `waitMs`, or took the lock over.
 */
export async function migrate(db: Db, options: MigrateOptions): Promise<void> {
  const { lockTtlMs = LOCK_TTL_MS, waitMs = WAIT_MS } = options;
  const lock = new MigrationLock(migrationsOf(db), lockTtlMs);
  const giveUpAt = performance.now() + waitMs;
  while (!(await lock.hold())) {
    await sleep(Math.min(POLL_MS, lockTtlMs));
    if (await isMigrated(db, options)) return;
    if (performance.now() > giveUpAt)
      throw new StoreUnavailableError(
        `MongoDB is not available: another process has been migrating it for ${waitMs} ms`,
      );
  }
  try {
    await applyMissing(db, options, () => lock.hold(), lockTtlMs / 3);
  } finally {
    // Expires by itself where this fails.
    await lock.release().catch(() => {});
  }
}

async function applyMissing(
  db: Db,
  { migrations, log }: MigrateOptions,
  renew: () => Promise<boolean>,
  renewEveryMs: number,
): Promise<void> {
  const collection = migrationsOf(db);
  const applied = await appliedNumbers(collection);
  for (const migration of migrations) {
    if (applied.has(migration.number)) continue;
    const { number, name } = migration;
    log?.info({ number, name }, 'migrating the database');
    await whileRenewing(() => migration.up(db), renew, renewEveryMs);
    await collection.updateOne({ _id: number }, [{ $set: { name, appliedAt: '$$NOW' } }], { upsert: true });
  }
}

/** Does the work and keeps the lock meanwhile; fails, after the work, when it was lost. */
async function whileRenewing(work: () => Promise<void>, renew: () => Promise<boolean>, everyMs: number): Promise<void> {
  let renewal = Promise.resolve(true);
  const timer = setInterval(() => {
    // One at a time. A renewal that fails is made up for by the next one, or the last one below.
    renewal = renewal.then(renew, renew);
    renewal.catch(() => {});
  }, everyMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await renewal.catch(() => {});
  }
  if (!(await renew())) throw new StoreUnavailableError('MongoDB is not available: lost the lock while migrating');
}

function migrationsOf(db: Db): Collection<MigrationDocument> {
  return db.collection<MigrationDocument>('migrations');
}

async function appliedNumbers(collection: Collection<MigrationDocument>): Promise<Set<number>> {
  const found = await collection.find({ _id: { $gt: 0 } }, { projection: { _id: 1 } }).toArray();
  return new Set(found.flatMap(({ _id }) => (typeof _id === 'number' ? [_id] : [])));
}
