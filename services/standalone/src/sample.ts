import { jobCreateSchema } from '@simple-scheduler/contracts';
import { ConflictError, createJob } from '@simple-scheduler/engine';
import type { ApiContext } from '@simple-scheduler/engine';

export const SAMPLE_JOB = 'hello';

const DESCRIPTION = 'The sample: its worker is part of the standalone service and greets whom the payload names.';

/** Adds the sample job where there is none; one that someone changed, say its interval, stays as it is. */
export async function ensureSampleJob(context: ApiContext): Promise<void> {
  const input = jobCreateSchema.parse({
    name: SAMPLE_JOB,
    description: DESCRIPTION,
    interval: 5_000,
    // Nobody needs the greetings of the time when this was switched off.
    misfirePolicy: 'skip',
    runExecutionTimeout: 30_000,
    heartbeatTimeout: 15_000,
    payload: { greet: 'world' },
  });
  try {
    await createJob(context, input);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** What the sample worker does with a run. */
export function greet(payload: unknown): { greeting: string } {
  const whom = typeof payload === 'object' && payload !== null && 'greet' in payload ? payload.greet : undefined;
  return { greeting: `Hello, ${typeof whom === 'string' ? whom : 'world'}!` };
}
