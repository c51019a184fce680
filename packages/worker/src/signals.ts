import { constants } from 'node:os';
import { reasonOf, type WorkerLog } from './log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Ends the process with 0 once `stop` has resolved; at once on a second signal. Returns what gives the signals back. */
export function stopOnSignals(stop: () => Promise<void>, log: WorkerLog): () => void {
  let isStopping = false;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (isStopping) process.exit(128 + constants.signals[signal]);
    isStopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ reason: reasonOf(error) }, 'the worker could not be stopped in order');
        process.exit(1);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
