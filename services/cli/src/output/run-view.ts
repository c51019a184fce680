import type { Run, RunStatus } from '@simple-scheduler/contracts';
import type { Times } from './times.ts';
import type { Tone, View } from './view.ts';

export const runView: View<Run> = {
  plural: 'runs',
  name: (run) => run.id,
  columns: [
    { title: 'ID', cell: (run) => run.id },
    { title: 'JOB', cell: (run) => run.jobName, shrinksTo: 8, yields: 6 },
    { title: 'STATUS', cell: (run) => run.status, tone: (run) => TONES[run.status] },
    { title: 'TRIGGER', cell: (run) => run.trigger, yields: 1 },
    { title: 'SCHEDULED', cell: (run, times) => times.at(run.scheduledAt), yields: 4 },
    { title: 'STARTED', cell: (run, times) => times.at(run.startTime), wide: true },
    { title: 'ENDED', cell: (run, times) => times.at(run.endTime), wide: true },
    { title: 'TOOK', cell: took, yields: 3 },
    { title: 'TRY', cell: (run) => String(run.attempt), yields: 2 },
    { title: 'NEXT TRY', cell: (run, times) => times.at(run.nextRetryAt), wide: true },
    { title: 'WORKER', cell: (run) => run.workerId ?? '', wide: true },
    { title: 'NOTE', cell: note, shrinksTo: 10, yields: 5 },
  ],
  fieldOrder: [
    'id',
    'jobName',
    'status',
    'reason',
    'error',
    'trigger',
    'scheduledAt',
    'createdTime',
    'publishedAt',
    'startTime',
    'heartbeat',
    'endTime',
    'attempt',
    'attempts',
    'nextRetryAt',
    'progress',
    'message',
    'output',
    'workerId',
  ],
  durations: {},
};

const TONES: Readonly<Partial<Record<RunStatus, Tone>>> = {
  running: 'busy',
  cancelling: 'busy',
  completed: 'good',
  failed: 'bad',
  dead: 'bad',
  cancelled: 'quiet',
  skipped: 'quiet',
};

/** From start to end, or until now for a run that is still at work. */
function took(run: Run, times: Times): string {
  if (run.startTime === undefined) return '';
  const endMs = run.endTime === undefined ? times.nowMs : Date.parse(run.endTime);
  return times.length(Math.max(0, endMs - Date.parse(run.startTime)));
}

/** Of a run that waits for its retry: why it was not done yet. */
function lastError({ nextRetryAt, attempts }: Run): string | undefined {
  return nextRetryAt === undefined ? undefined : attempts?.at(-1)?.error;
}

/** Why the run is where it is, in one cell. */
function note(run: Run): string {
  const ticks = run.count === undefined ? undefined : `${run.count} ticks`;
  const progress =
    run.status === 'running' && run.progress !== undefined ? `${Math.round(run.progress * 100)} %` : undefined;
  return [run.reason, ticks, progress, run.error ?? lastError(run) ?? run.message]
    .filter((part) => part !== undefined)
    .join(', ');
}
