import type { Change, ChangeBatch, ChangeFeed, ChangeSource, Store } from '@simple-scheduler/engine';
import { afterEach, beforeEach, vi } from 'vitest';
import { perTest } from '../per-test.ts';

/** What a driver hands to the suite for each test. */
export interface FeedUnderTest {
  readonly store: Store & ChangeSource;
  /** A second connection to the same database: another process, as far as the feed can tell. */
  readonly second: Store & ChangeSource;
  /** A cursor that was good once and is too old now: the one given, or one like it. */
  age(cursor: string): Promise<string>;
  /** Ends all connections of the first store at the server, which stays; absent where there are none. */
  cutConnections?(): Promise<void>;
  close(): Promise<void>;
}

export type FeedSetup = () => Promise<FeedUnderTest>;

/** Reads a feed and keeps what came. */
export class Follower {
  readonly batches: ChangeBatch[] = [];
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  #failure: Error | undefined;

  constructor(feed: ChangeFeed, after?: string) {
    this.ended = this.#read(feed, after);
    this.ended.catch((error: Error) => (this.#failure = error));
  }

  get changes(): Change[] {
    return this.batches.flatMap(({ changes }) => changes);
  }

  /** Where it stands. */
  async started(): Promise<string> {
    await this.until(() => this.batches.length > 0);
    return this.batches[0]?.cursor ?? '';
  }

  async until(holds: () => boolean): Promise<void> {
    await vi.waitUntil(
      () => {
        if (this.#failure !== undefined) throw this.#failure;
        return holds();
      },
      { timeout: 20_000, interval: 5 },
    );
  }

  /** Waits until this one has been heard of. */
  hears(kind: Change['kind'], id: string, deleted = false): Promise<void> {
    return this.until(() => this.changes.some((one) => one.kind === kind && one.id === id && one.deleted === deleted));
  }

  stop(): Promise<void> {
    this.#abort.abort();
    return this.ended;
  }

  async #read(feed: ChangeFeed, after: string | undefined): Promise<void> {
    for await (const batch of feed.follow(after, this.#abort.signal)) this.batches.push(batch);
  }
}

/** The database of the running test, and followers that end with it. */
export interface Feeds {
  readonly db: FeedUnderTest;
  follow(after?: string, by?: ChangeSource): Promise<Follower>;
}

/** Registers the hooks that give each test its database. */
export function useFeeds(setup: FeedSetup): Feeds {
  const followers: Follower[] = [];
  const present = perTest('database', setup);
  beforeEach(() => present().store.migrate());
  // The last hook registered runs first after a test: before the one that closes the database.
  afterEach(async () => void (await Promise.allSettled(followers.splice(0).map((follower) => follower.stop()))));
  return {
    get db() {
      return present();
    },
    follow: async (after, by = present().store) => {
      const follower = new Follower(by.changes, after);
      followers.push(follower);
      await follower.started();
      return follower;
    },
  };
}
