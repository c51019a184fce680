import { constants } from 'node:os';
import { reasonOf, type WorkerLog } from './log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Workers of this process that a signal has told to stop, and that have not stopped yet. The last one ends the process. */
let stopping = 0;
let hasFailed = false;

/**
 * Ends the process with 0 once `stop` has resolved, and that of every other worker that handles signals; at once on a second
 * signal. Returns what gives the signals back.
 */
export function stopOnSignals(stop: () => Promise<void>, log: WorkerLog): () => void {
  let isStopping = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (isStopping) process.exit(128 + constants.signals[signal]);
    isStopping = true;
    stopping++;
    log.info({ signal }, 'stopping');
    void stop()
      .catch((error: unknown) => {
        hasFailed = true;
        log.error({ reason: reasonOf(error) }, 'the worker could not be stopped in order');
      })
      .then(() => {
        stopping--;
        if (stopping === 0) process.exit(hasFailed ? 1 : 0);
      });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
