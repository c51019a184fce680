import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithMe, hasEnded } from '@simple-scheduler/testkit';
import { type FromWorker, type Receipt, type ToWorker, type WorkerSetup } from './protocol.ts';

const READY_TIME_LIMIT_MS = 120_000;

export interface Worker extends AsyncDisposable {
  readonly pid: number;
  /** Run actions so far, and those of them whose last status is confirmed; a few ms old. */
  readonly received: number;
  readonly answered: number;
  /** Every receipt, in order. */
  receipts(): Promise<Receipt[]>;
}

/** Starts the worker's process; resolves when it consumes. It ends with this process, however that ends. */
export async function startWorker(setup: WorkerSetup): Promise<Worker> {
  const child = fork(fileURLToPath(new URL('worker-process.ts', import.meta.url)), {
    detached: true,
    serialization: 'advanced',
    execArgv: ['--conditions=x-source'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The worker did not start');
  endWithMe(pid);
  const ended = once(child, 'exit').then(() => hasEnded(pid));
  const count = { received: 0, answered: 0 };
  const receipts: Receipt[] = [];
  const listeners = new Map<FromWorker['kind'], () => void>();
  child.on('message', (message: FromWorker) => {
    if (message.kind === 'count') Object.assign(count, { received: message.received, answered: message.answered });
    else if (message.kind === 'ready') listeners.get('ready')?.();
    else {
      receipts.push(...message.receipts);
      if (message.last) listeners.get('receipts')?.();
    }
  });
  const heard = (kind: FromWorker['kind']): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The worker was silent (${kind})`)), READY_TIME_LIMIT_MS);
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        done();
      };
      listeners.set(kind, () => settle(resolve));
      void ended.then(() => settle(() => reject(new Error('The worker ended'))));
    });
  const send = (message: ToWorker): void => void child.send(message);
  const ready = heard('ready');
  send({ kind: 'setup', setup });
  await ready;
  return {
    pid,
    get received() {
      return count.received;
    },
    get answered() {
      return count.answered;
    },
    receipts: async () => {
      receipts.length = 0;
      const all = heard('receipts');
      send({ kind: 'report' });
      await all;
      return receipts;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) send({ kind: 'stop' });
      await ended;
    },
  };
}
