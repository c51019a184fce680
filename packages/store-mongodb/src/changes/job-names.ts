import type { Database } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';

/** Names that are remembered; a change of any other job costs a part of a query. */
const NAMES_MAX = 20_000;

/** Names of jobs by their uid. A name never changes, so one that is known stays true. */
export class JobNames {
  readonly #database: Database;
  readonly #names = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes sure of these as far as there are such jobs: one query, for those that are not known. */
  async learn(uids: readonly string[]): Promise<void> {
    const unknown = [...new Set(uids)].filter((uid) => !this.#names.has(uid));
    if (unknown.length === 0) return;
    const { connection, jobs } = this.#database;
    const found = await connection.call(() =>
      jobs
        .find(
          { _id: { $in: unknown.map(packId) }, name: { $exists: true } },
          { ...connection.limits, projection: { name: 1 } },
        )
        .toArray(),
    );
    for (const { _id, name } of found) this.keep(unpackId(_id), name as string);
  }

  keep(uid: string, name: string): void {
    this.#names.set(uid, name);
    if (this.#names.size <= NAMES_MAX) return;
    // The oldest: a map keeps the order in which its keys came.
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      break;
    }
  }

  of(uid: string): string | undefined {
    return this.#names.get(uid);
  }
}
