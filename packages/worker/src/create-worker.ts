import { AmqpTransport } from './amqp/amqp-transport.ts';
import { stderrLog } from './log.ts';
import { settingsOf, type WorkerOptions } from './options.ts';
import { stopOnSignals } from './signals.ts';
import { BusWorker, type Worker } from './worker.ts';

/**
 * A worker for some jobs, to be started.
 *
 * @example
 * const worker = createWorker({
 *   url: 'amqp://guest:guest@localhost:5672/',
 *   jobs: { 'send-report': async (run, { signal, progress }) => ({ sent: await sendReport(run.payload, signal) }) },
 *   handleSignals: true,
 * });
 * await worker.start();
 *
 * @throws TypeError that names every option that is wrong.
 */
export function createWorker(options: WorkerOptions): Worker {
  const settings = settingsOf(options);
  const log = options.logger ?? stderrLog;
  const transport =
    settings.transport ??
    new AmqpTransport({ url: settings.url as string, connectionName: `worker ${settings.workerId}`, log });
  const worker = new BusWorker(settings, transport, log);
  if (options.handleSignals === true) {
    const giveBack = stopOnSignals(() => worker.stop(), log);
    worker.on('stateChanged', (state) => {
      // After a stop by the user; after one by signal the process ends before anyone could miss it.
      if (state === 'stopped') setImmediate(giveBack);
    });
  }
  return worker;
}
