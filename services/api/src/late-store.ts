import { type Store, StoreUnavailableError } from '@simple-scheduler/engine';

/** A store that is there from the start, and refuses all calls until the database is. */
export interface LateStore {
  readonly store: Store;
  /** From now on calls go to this one. */
  arrived(opened: Store): void;
  /** Closes the one that arrived. Safe where none has. */
  close(): Promise<void>;
}

/** For serving before there is a database: whoever asks is told to come again, and whoever watches over us sees why. */
export function lateStore(): LateStore {
  let real: Store | undefined;
  const refuse = (): Promise<never> => Promise.reject(new StoreUnavailableError('the database is not there yet'));
  const store = new Proxy({} as Store, {
    // Not `then`: a promise must not take the store for another promise.
    get: (_, method) =>
      typeof method === 'symbol' || method === 'then' ? undefined : (real?.[method as keyof Store] ?? refuse),
  });
  return {
    store,
    arrived: (opened) => {
      real = opened;
    },
    close: async () => {
      await real?.close();
    },
  };
}
