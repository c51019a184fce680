// An example worker on the worker SDK; run it with `node worker.ts --job send-report`.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createWorker, type JobHandler } from '@simple-scheduler/worker';

const { env } = process;
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: env['AMQP_URL'] ?? 'amqp://guest:guest@localhost:5672/' },
    job: { type: 'string', multiple: true, default: namesIn(env['WORKER_JOBS']) },
    queue: { type: 'string', multiple: true, default: namesIn(env['WORKER_QUEUES']) },
    'work-ms': { type: 'string', default: env['WORK_MS'] ?? '200' },
    concurrency: { type: 'string', default: env['CONCURRENCY'] ?? '10' },
    'stop-ms': { type: 'string', default: env['STOP_MS'] ?? '8000' },
  },
});

/** The work of one run: takes a while and shows how far it is. A job's payload may say how long, and that it fails. */
const work: JobHandler = async (run, { signal, progress }) => {
  const { workMs = Number(values['work-ms']), fail } = (run.payload ?? {}) as { workMs?: number; fail?: string };
  const startedAt = performance.now();
  for (let spentMs = 0; spentMs < workMs; spentMs = performance.now() - startedAt) {
    await sleep(Math.min(100, workMs - spentMs), undefined, { signal }); // rejects when the run is cancelled
    progress((performance.now() - startedAt) / workMs);
  }
  if (fail !== undefined) throw new Error(fail);
  return { worker: worker.id, workedMs: workMs };
};

const worker = createWorker({
  url: values.url,
  jobs: Object.fromEntries(values.job.map((name) => [name, work])),
  queues: Object.fromEntries(values.queue.map((name) => [name, { jobs: { '*': work } }])),
  concurrency: Number(values.concurrency),
  stopTimeoutMs: Number(values['stop-ms']),
  handleSignals: true,
});

worker.on('connectionChanged', (state) => console.log(state));
worker.on('runStarted', ({ jobName, runId, attempt }) => console.log('running', jobName, runId, attempt));
worker.on('runEnded', ({ run, status }) => console.log(status, run.jobName, run.runId, run.attempt));
worker.on('stateChanged', (state) => {
  if (state === 'stopped') console.log(state);
});

await worker.start();
if (worker.state === 'running') console.log('ready', worker.id, [...values.job, ...values.queue].join(' '));

function namesIn(variable = ''): string[] {
  return variable.split(',').filter((name) => name !== '');
}
