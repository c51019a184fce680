import { type ChangeFeed, type ChangeSource, type Store, StoreUnavailableError } from '@simple-scheduler/engine';

/** A store that is there from the start, and refuses all calls until the database is. */
export interface LateStore {
  readonly store: Store;
  readonly changes: ChangeFeed;
  /** From now on calls go to this one. */
  arrived(opened: Store & ChangeSource): void;
  /** Closes the one that arrived. Safe where none has. */
  close(): Promise<void>;
}

/** For serving before there is a database: whoever asks is told to come again, and whoever watches over us sees why. */
export function lateStore(): LateStore {
  let real: (Store & ChangeSource) | undefined;
  const notThere = (): StoreUnavailableError => new StoreUnavailableError('the database is not there yet');
  const refuse = (): Promise<never> => Promise.reject(notThere());
  const store = new Proxy({} as Store, {
    // Not `then`: a promise must not take the store for another promise.
    get: (_, method) =>
      typeof method === 'symbol' || method === 'then' ? undefined : (real?.[method as keyof Store] ?? refuse),
  });
  return {
    store,
    changes: {
      follow: (after, signal) => {
        if (real === undefined) throw notThere();
        return real.changes.follow(after, signal);
      },
    },
    arrived: (opened) => {
      real = opened;
    },
    close: async () => {
      await real?.close();
    },
  };
}
