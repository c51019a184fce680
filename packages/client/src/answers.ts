import { jobSchema, nextTicksSchema, runSchema, statusSchema, tickSchema } from '@simple-scheduler/contracts';
import type { Job, NextTicks, Run, Status, Tick } from '@simple-scheduler/contracts';
import { UnexpectedAnswerError } from './errors.ts';
import type { Answer } from './transport.ts';

// Fields that a newer API adds are kept, so that they show in JSON output.
const job = jobSchema.loose();
const run = runSchema.loose();
const tick = tickSchema.loose();

export const readStatus = (answer: Answer): Status => read(statusSchema.loose(), answer);
export const readJob = (answer: Answer): Job => read(job, answer);
export const readJobs = (answer: Answer): Job[] => read(job.array(), answer);
export const readRun = (answer: Answer): Run => read(run, answer);
export const readRuns = (answer: Answer): Run[] => read(run.array(), answer);
export const readNextTicks = (answer: Answer): NextTicks => read(nextTicksSchema, answer);
export const readTicks = (answer: Answer): Tick[] => read(tick.array(), answer);

/** The part of a zod schema that is needed here. */
interface Reader<T> {
  safeParse(
    body: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

function read<T>(schema: Reader<T>, answer: Answer): T {
  const result = schema.safeParse(answer.body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.map(String).join('.') || 'its body';
  throw new UnexpectedAnswerError({ url: answer.url, detail: `${where}: ${issue?.message ?? 'is not valid'}` });
}
