import type { Patience, Waited } from '@simple-scheduler/engine';

/** Waits by the process's own timers. */
export const systemPatience: Patience = {
  within: <T>(work: Promise<T>, timeoutMs: number): Promise<Waited<T>> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ kind: 'late' }), timeoutMs);
      const settle = (waited: Waited<T>): void => {
        clearTimeout(timer);
        resolve(waited);
      };
      work.then(
        (value) => settle({ kind: 'done', value }),
        (error: unknown) => settle({ kind: 'failed', error }),
      );
    }),
};
