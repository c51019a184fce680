import { type Job, JOB_DEFAULTS } from '@simple-scheduler/contracts';
import type { SeenJob } from '@simple-scheduler/engine';
import { instant, instantOrNone } from './instant.ts';
import type { Shown } from './shown.ts';

/** A job as the contract shows it. */
export function jobView({ job, heartbeatAt }: SeenJob): Job {
  const view: Shown<Job> = {
    name: job.name,
    description: job.description,
    enabled: job.enabled,
    interval: job.intervalMs,
    cron: job.cron,
    timezone: job.timezone,
    nextRunAt: instantOrNone(job.nextRunAt),
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
    startAt: instantOrNone(job.startAt),
    endAt: instantOrNone(job.endAt),
    jitter: job.jitterMs ?? JOB_DEFAULTS.jitter,
    retentionCount: job.retentionCount,
    retentionAge: job.retentionAgeMs,
    allowConcurrentRuns: job.allowConcurrentRuns,
    maxQueueCount: job.maxQueueCount,
    payload: job.payload,
    meta: job.meta === undefined ? undefined : { ...job.meta },
    workQueue: job.workQueue,
    target: { type: 'worker' },
    managerId: job.managerId,
    heartbeat: instantOrNone(heartbeatAt),
    completedAt: instantOrNone(job.completedAt),
    createdAt: instant(job.createdAt),
    updatedAt: instant(job.updatedAt),
    revision: job.revision,
  };
  return view as Job;
}
