import { constants } from 'node:os';
import type { RuntimeLog } from '../logging/log.ts';
import type { Shutdown } from './shutdown.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Ties a service to its process. SIGTERM and SIGINT stop it in order and exit 0, or 1 where a step did not end in time;
 * a second one exits at once. An error that nobody caught is logged and ends the process with 1: what it left half done
 * is repaired from outside, while a process in an unknown state repairs nothing.
 */
export function guardProcess({ log, shutdown }: { log: RuntimeLog; shutdown: Shutdown }): void {
  let asked = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked) {
        log.warn({ signal }, 'asked to stop twice; leaving at once');
        process.exit(128 + constants.signals[signal]);
      }
      asked = true;
      void shutdown.run(signal).then((clean) => {
        log.info({ clean }, 'stopped');
        process.exit(clean ? 0 : 1);
      });
    });
  }
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ error, origin }, 'an error that nobody handled; leaving');
    process.exit(1);
  });
  // Rejections arrive above too, unless someone listens for them: say so here, as Node's flags may change that.
  process.on('unhandledRejection', (error) => {
    log.fatal({ error, origin: 'unhandledRejection' }, 'an error that nobody handled; leaving');
    process.exit(1);
  });
}
