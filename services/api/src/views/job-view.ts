import { type Job, JOB_DEFAULTS } from '@simple-scheduler/contracts';
import type { SeenJob } from '@simple-scheduler/engine';
import { instant, instantAs } from './instant.ts';

/** A job as the contract shows it. */
export function jobView({ job, heartbeatAt }: SeenJob): Job {
  return {
    name: job.name,
    ...(job.description === undefined ? {} : { description: job.description }),
    enabled: job.enabled,
    ...(job.intervalMs === undefined ? {} : { interval: job.intervalMs }),
    ...(job.cron === undefined ? {} : { cron: job.cron }),
    timezone: job.timezone,
    ...instantAs('nextRunAt', job.nextRunAt),
    misfirePolicy: job.misfirePolicy,
    misfireLimit: job.misfireLimit,
    misfireGrace: job.misfireGraceMs,
    runStartTimeout: job.runStartTimeoutMs,
    runExecutionTimeout: job.runExecutionTimeoutMs,
    cancelTimeout: job.cancelTimeoutMs,
    heartbeatTimeout: job.heartbeatTimeoutMs,
    maxRetries: job.maxRetries ?? JOB_DEFAULTS.maxRetries,
    retryBackoff: job.retryBackoff ?? JOB_DEFAULTS.retryBackoff,
    retryDelay: job.retryDelayMs ?? JOB_DEFAULTS.retryDelay,
    retryMaxDelay: job.retryMaxDelayMs ?? JOB_DEFAULTS.retryMaxDelay,
    maxRestarts: job.maxRestarts ?? JOB_DEFAULTS.maxRestarts,
    ...instantAs('startAt', job.startAt),
    ...instantAs('endAt', job.endAt),
    jitter: job.jitterMs ?? JOB_DEFAULTS.jitter,
    ...(job.retentionCount === undefined ? {} : { retentionCount: job.retentionCount }),
    ...(job.retentionAgeMs === undefined ? {} : { retentionAge: job.retentionAgeMs }),
    allowConcurrentRuns: job.allowConcurrentRuns,
    maxQueueCount: job.maxQueueCount,
    ...(job.payload === undefined ? {} : { payload: job.payload }),
    ...(job.meta === undefined ? {} : { meta: { ...job.meta } }),
    ...(job.workQueue === undefined ? {} : { workQueue: job.workQueue }),
    target: { type: 'worker' },
    ...(job.managerId === undefined ? {} : { managerId: job.managerId }),
    ...instantAs('heartbeat', heartbeatAt),
    ...instantAs('completedAt', job.completedAt),
    createdAt: instant(job.createdAt),
    updatedAt: instant(job.updatedAt),
    revision: job.revision,
  };
}
