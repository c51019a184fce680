/** Rules between the fields of a job that no schema knows. Each names all fields that break it, so that one answer can. */
import { type JobRecord, validateCron, validateTimezone } from '@simple-scheduler/core';
import { ValidationError } from '../ports/index.ts';

export interface RuleProblem {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with `timezone` and `cron`. */
export function scheduleProblems({ cron, timezone }: Pick<JobRecord, 'cron' | 'timezone'>): RuleProblem[] {
  // The expression is right or wrong whatever its zone is.
  const cronProblem = cron === undefined ? null : validateCron(cron, 'UTC');
  return [...problem('timezone', validateTimezone(timezone)), ...problem('cron', cronProblem)];
}

/** The bound that the other contradicts, or `nextRunAt` where a given one lies outside of both. */
export function boundProblems(job: Pick<JobRecord, 'startAt' | 'endAt'>, nextRunAt?: number | null): RuleProblem[] {
  const { startAt, endAt } = job;
  if (startAt !== undefined && endAt !== undefined && endAt < startAt) {
    return problem('endAt', 'must not lie before startAt');
  }
  if (nextRunAt == null) return [];
  if (startAt !== undefined && nextRunAt < startAt) return problem('nextRunAt', 'must not lie before startAt');
  return endAt !== undefined && nextRunAt > endAt ? problem('nextRunAt', 'must not lie after endAt') : [];
}

/** The bound that leaves out the tick of a once job, where that was not given along with it. */
export function onlyRunProblems(job: Pick<JobRecord, 'nextRunAt' | 'startAt' | 'endAt'>): RuleProblem[] {
  const { nextRunAt, startAt, endAt } = job;
  if (nextRunAt === undefined) return [];
  if (startAt !== undefined && nextRunAt < startAt) {
    return problem('startAt', 'must not lie after nextRunAt, the only run of this job');
  }
  return endAt !== undefined && nextRunAt > endAt
    ? problem('endAt', 'must not lie before nextRunAt, the only run of this job')
    : [];
}

/** @throws ValidationError naming each, where there is any */
export function refuseWith(problems: readonly RuleProblem[]): void {
  if (problems.length > 0) throw new ValidationError(problems);
}

const problem = (path: string, message: string | null): RuleProblem[] => (message === null ? [] : [{ path, message }]);
