import type { Job } from '@simple-scheduler/contracts';
import { formatDuration } from '../values/duration.ts';
import type { Tone, View } from './view.ts';

export const jobView: View<Job> = {
  plural: 'jobs',
  name: (job) => job.name,
  columns: [
    { title: 'NAME', cell: (job) => job.name, shrinksTo: 16 },
    { title: 'SCHEDULE', cell: scheduleInWords, shrinksTo: 10, yields: 2 },
    { title: 'STATE', cell: jobState, tone: (job) => TONES[jobState(job)] },
    { title: 'NEXT RUN', cell: (job, times) => (job.enabled ? times.at(job.nextRunAt) : ''), yields: 3 },
    {
      title: 'OVERLAP',
      cell: (job) => (job.allowConcurrentRuns ? 'yes' : `no, ${job.maxQueueCount} wait`),
      wide: true,
    },
    { title: 'RETRIES', cell: retriesInWords, wide: true },
    { title: 'STARTS', cell: (job, times) => times.at(job.startAt), wide: true },
    { title: 'ENDS', cell: (job, times) => times.at(job.endAt), wide: true },
    { title: 'JITTER', cell: (job) => (job.jitter === 0 ? '' : formatDuration(job.jitter)), wide: true },
    { title: 'WORK QUEUE', cell: (job) => job.workQueue ?? '', wide: true },
    { title: 'MANAGER', cell: (job) => job.managerId ?? '', wide: true },
    { title: 'UPDATED', cell: (job, times) => times.at(job.updatedAt), wide: true },
    { title: 'REVISION', cell: (job) => String(job.revision), wide: true },
    { title: 'DESCRIPTION', cell: (job) => job.description ?? '', shrinksTo: 11, yields: 1 },
  ],
  fieldOrder: [
    'name',
    'description',
    'enabled',
    'interval',
    'cron',
    'timezone',
    'nextRunAt',
    'startAt',
    'endAt',
    'jitter',
    'completedAt',
    'allowConcurrentRuns',
    'maxQueueCount',
    'runStartTimeout',
    'runExecutionTimeout',
    'heartbeatTimeout',
    'cancelTimeout',
    'maxRetries',
    'retryBackoff',
    'retryDelay',
    'retryMaxDelay',
    'maxRestarts',
    'misfirePolicy',
    'misfireLimit',
    'misfireGrace',
    'retentionCount',
    'retentionAge',
  ],
  durations: {
    interval: {},
    misfireGrace: {},
    runStartTimeout: { zeroMeans: 'none' },
    runExecutionTimeout: { zeroMeans: 'none' },
    cancelTimeout: { zeroMeans: 'none' },
    heartbeatTimeout: { zeroMeans: 'none' },
    retryDelay: { zeroMeans: 'none' },
    retryMaxDelay: { zeroMeans: 'none' },
    jitter: { zeroMeans: 'none' },
    retentionAge: { zeroMeans: 'no bound' },
  },
};

const TONES: Readonly<Record<string, Tone>> = { active: 'good', paused: 'busy', done: 'quiet' };

function jobState(job: Job): string {
  if (!job.enabled) return 'paused';
  return job.completedAt === undefined ? 'active' : 'done';
}

export function scheduleInWords(job: Job): string {
  if (job.interval !== undefined) return `every ${formatDuration(job.interval)}`;
  if (job.cron !== undefined) return job.timezone === 'UTC' ? job.cron : `${job.cron} ${job.timezone}`;
  return job.nextRunAt === undefined && job.completedAt === undefined ? 'on request' : 'once';
}

/** Nothing for a job without retries: the column is for those that have some. */
function retriesInWords({ maxRetries, retryBackoff, retryDelay, retryMaxDelay }: Job): string {
  if (maxRetries === 0) return '';
  const first = formatDuration(retryDelay);
  return retryBackoff === 'fixed'
    ? `${maxRetries}, every ${first}`
    : `${maxRetries}, ${first} to ${formatDuration(retryMaxDelay)}`;
}
