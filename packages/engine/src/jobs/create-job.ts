import type { JobCreate } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { ConflictError } from '../ports/index.ts';
import type { ApiContext } from './context.ts';
import { beginning, startingAt } from './first-tick.ts';
import { plainFields } from './job-fields.ts';
import { boundProblems, refuseWith, scheduleProblems } from './job-rules.ts';
import { announceJob, declareTopology } from './tell-bus.ts';

/**
 * Adds a job. Resolves once it is stored and, when the bus is there, its exchanges and queue are declared.
 * @throws ValidationError naming each field that breaks a rule, ConflictError where the name is taken
 */
export async function createJob(context: ApiContext, input: JobCreate): Promise<JobRecord> {
  const now = context.clock.now();
  const job = newJob(input, { uid: context.ids.uid(), now });
  if ((await context.store.insertJob(job)) === 'name_taken') {
    throw new ConflictError(`a job named "${job.name}" exists already`);
  }
  await Promise.all([declareTopology(context, job), announceJob(context, job.name)]);
  return job;
}

/**
 * The record of a job as it is created at `now` (epoch ms), its first tick set.
 * @throws ValidationError naming each field that breaks a rule
 */
export function newJob(input: JobCreate, { uid, now }: { uid: string; now: number }): JobRecord {
  const bare = {
    ...(plainFields(input) as Omit<JobRecord, 'name'>),
    name: input.name,
    uid,
    epoch: 0,
    revision: 1,
    leaseToken: 0,
    timezone: input.timezone,
    ...(input.interval === undefined ? {} : { intervalMs: input.interval }),
    ...(input.cron === undefined ? {} : { cron: input.cron }),
    ...(input.startAt === undefined ? {} : { startAt: Date.parse(input.startAt) }),
    ...(input.endAt === undefined ? {} : { endAt: Date.parse(input.endAt) }),
    createdAt: now,
    updatedAt: now,
  };
  const nextRunAt = input.nextRunAt === undefined ? undefined : Date.parse(input.nextRunAt);
  refuseWith([...scheduleProblems(bare), ...boundProblems(bare, nextRunAt)]);
  const timing = nextRunAt === undefined ? beginning(bare, now) : startingAt(bare, nextRunAt);
  return { ...bare, ...timing, ...(timing.nextRunAt === undefined ? {} : { owedFrom: timing.nextRunAt }) };
}
