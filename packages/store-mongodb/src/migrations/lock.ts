import { type Collection, ObjectId } from 'mongodb';
import { isDuplicateKey } from '../connection/duplicate-key.ts';

/** The records of what was applied (`_id` is the number), and the lock. */
export interface MigrationDocument {
  readonly _id: number | 'lock';
  readonly name?: string;
  readonly appliedAt?: Date;
  readonly holder?: ObjectId;
  readonly expiresAt?: Date;
}

/**
 * One holder at a time, by the database's clock; a holder that died loses it when it expires, so it renews it while it
 * works. Unlike a job's lease it is not a fence: a holder that was paused for longer finds out at its next renewal, and
 * until then two may work, which migrations allow.
 */
export class MigrationLock {
  readonly #collection: Collection<MigrationDocument>;
  readonly #ttlMs: number;
  readonly #holder = new ObjectId();

  constructor(collection: Collection<MigrationDocument>, ttlMs: number) {
    this.#collection = collection;
    this.#ttlMs = ttlMs;
  }

  /** Takes or renews it; false: another one holds it. */
  async hold(): Promise<boolean> {
    const mine = { _id: 'lock' as const, holder: this.#holder };
    const expired = { _id: 'lock' as const, $expr: { $lte: ['$expiresAt', '$$NOW'] } };
    const update = [{ $set: { holder: this.#holder, expiresAt: { $add: ['$$NOW', this.#ttlMs] } } }];
    const { matchedCount } = await this.#collection.updateOne({ $or: [mine, expired] }, update);
    if (matchedCount > 0) return true;
    try {
      // Nobody holds it, or another one does: then the upsert finds nothing of ours and meets the other's document.
      await this.#collection.updateOne(mine, update, { upsert: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.#collection.deleteOne({ _id: 'lock', holder: this.#holder });
  }
}
