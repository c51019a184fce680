import type { Database } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';

/** Names that are remembered; a change of any other job costs a part of a query. */
const NAMES_MAX = 20_000;

/** Names of jobs by their uid. A name never changes, so one that is known stays true. */
export class JobNames {
  readonly #database: Database;
  readonly #max: number;
  readonly #names = new Map<string, string>();

  constructor(database: Database, max: number = NAMES_MAX) {
    this.#database = database;
    this.#max = max;
  }

  /**
   * The names of these by their uid, as far as there are such jobs: one query, for those that are not known. They are handed
   * out, as others that are learnt meanwhile may have them forgotten here.
   */
  async find(uids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    const unknown: string[] = [];
    for (const uid of new Set(uids)) {
      const name = this.#names.get(uid);
      if (name === undefined) unknown.push(uid);
      else names.set(uid, name);
    }
    if (unknown.length === 0) return names;
    const { connection, jobs } = this.#database;
    const found = await connection.call(() =>
      jobs
        .find(
          { _id: { $in: unknown.map(packId) }, name: { $exists: true } },
          { ...connection.limits, projection: { name: 1 } },
        )
        .toArray(),
    );
    for (const { _id, name } of found) {
      this.keep(unpackId(_id), name as string);
      names.set(unpackId(_id), name as string);
    }
    return names;
  }

  keep(uid: string, name: string): void {
    this.#names.set(uid, name);
    if (this.#names.size <= this.#max) return;
    // The oldest: a map keeps the order in which its keys came.
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      break;
    }
  }
}
