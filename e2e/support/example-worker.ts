import { fileURLToPath } from 'node:url';
import { obtainPython } from '@simple-scheduler/testkit';
import { cleanEnv, type Spawned, start } from './service.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export interface ExampleWorkerOptions {
  readonly language: 'node' | 'python';
  readonly url: string;
  readonly jobs?: readonly string[];
  readonly queues?: readonly string[];
  /** How long a run takes, unless its payload says otherwise. */
  readonly workMs?: number;
  readonly concurrency?: number;
}

/** An example worker as a process of its own. It prints a line for each status it sends: `<status> <job> <run id> <attempt>`. */
export interface ExampleWorker extends AsyncDisposable {
  readonly process: Spawned;
  /** The `workerId` of its runs. */
  readonly id: string;
  /** Ids of the runs that it said this of, oldest first. */
  said(status: 'running' | 'completed' | 'cancelled' | 'failed'): string[];
}

export async function startExampleWorker(options: ExampleWorkerOptions): Promise<ExampleWorker> {
  const { language, url, jobs = [], queues = [], workMs = 20, concurrency = 4 } = options;
  const command =
    language === 'node'
      ? ([process.execPath, `${EXAMPLES}worker-node/worker.ts`] as const)
      : ([await obtainPython(), `${EXAMPLES}worker-python/worker.py`] as const);
  const flags = [
    ...jobs.flatMap((job) => ['--job', job]),
    ...queues.flatMap((queue) => ['--queue', queue]),
    ...['--url', url, '--work-ms', String(workMs), '--concurrency', String(concurrency)],
  ];
  const worker = start(`${language} worker`, command[0], [command[1], ...flags], cleanEnv());
  const ready = await worker.line((line) => line.startsWith('ready '));
  return {
    process: worker,
    id: ready.split(' ')[1] ?? '',
    said: (status) =>
      worker.lines.flatMap((line) => {
        const [word, , runId = ''] = line.split(' ');
        return word === status ? [runId] : [];
      }),
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
    },
  };
}
