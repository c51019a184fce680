import type { Job } from '@simple-scheduler/contracts';
import type { JobFact } from '../check/history.ts';
import type { Pausing } from '../watch/drain.ts';

/** A job as the checks look at it: by what the API answered when it was created and when it was paused. */
export function jobFact(created: Job, pausing: Pausing | undefined): JobFact {
  return {
    name: created.name,
    isConcurrent: created.allowConcurrentRuns,
    maxQueueCount: created.maxQueueCount,
    ...scheduleOf(created, pausing),
    startTimeoutMs: created.runStartTimeout,
    executionTimeoutMs: created.runExecutionTimeout,
    heartbeatTimeoutMs: created.heartbeatTimeout,
    maxRetries: created.maxRetries,
  };
}

function scheduleOf(created: Job, pausing: Pausing | undefined): Pick<JobFact, 'schedule'> {
  const nextRunAt = pausing?.job.nextRunAt;
  if (created.interval === undefined || created.nextRunAt === undefined) return {};
  if (pausing === undefined || nextRunAt === undefined)
    throw new Error(`${created.name} was paused without a next tick`);
  return {
    schedule: {
      intervalMs: created.interval,
      firstAt: Date.parse(created.nextRunAt),
      nextAt: Date.parse(nextRunAt),
      pauseAskedAt: pausing.askedAt,
      pauseAnsweredAt: pausing.answeredAt,
    },
  };
}
