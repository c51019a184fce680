import { jobCreateSchema } from '@simple-scheduler/contracts';
import { ConflictError, createJob } from '@simple-scheduler/engine';
import type { ApiContext, Log } from '@simple-scheduler/engine';
import { createWorker } from '@simple-scheduler/worker';
import type { RunEnded, Worker, WorkerOptions } from '@simple-scheduler/worker';

const SAMPLE_JOB = 'hello';
const INTERVAL_MS = 5_000;
const DESCRIPTION = 'The sample: a worker in the standalone service greets whom the payload names.';

/** Adds the sample job where there is none; one that someone changed, say its interval, stays as it is. */
export async function ensureSampleJob(context: ApiContext): Promise<void> {
  const input = jobCreateSchema.parse({
    name: SAMPLE_JOB,
    description: DESCRIPTION,
    interval: INTERVAL_MS,
    // Nobody needs the greetings of the time when this was switched off.
    misfirePolicy: 'skip',
    heartbeatTimeout: 15_000,
    payload: { greet: 'world' },
  });
  try {
    await createJob(context, input);
    context.log.info({ jobName: SAMPLE_JOB }, `added the sample job "${SAMPLE_JOB}", every ${INTERVAL_MS / 1000} s`);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** The worker of the sample job, to be started. Each run that it has done is told in a line. */
export function createSampleWorker(workerSide: Pick<WorkerOptions, 'url' | 'transport'>, log: Log): Worker {
  const worker = createWorker({
    ...workerSide,
    jobs: { [SAMPLE_JOB]: (run) => greet(run.payload) },
    workerId: 'sample-worker',
    logger: log,
  });
  worker.on('runEnded', (ended) => log.info({ runId: ended.run.runId, jobName: ended.run.jobName }, lineOf(ended)));
  return worker;
}

function greet(payload: unknown): string {
  const whom = typeof payload === 'object' && payload !== null && 'greet' in payload ? payload.greet : undefined;
  return `Hello, ${typeof whom === 'string' ? whom : 'world'}!`;
}

function lineOf({ run, status, output, error, durationMs }: RunEnded): string {
  const due = run.scheduledAt === undefined ? '' : ` due ${run.scheduledAt.toISOString()}`;
  const what = error ?? (output === undefined ? 'no output' : JSON.stringify(output));
  return `${run.jobName}: run${due} ${status} in ${Math.round(durationMs)} ms: ${what}`;
}
