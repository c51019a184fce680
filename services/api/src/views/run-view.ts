import type { Run } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { instant, instantAs } from './instant.ts';

type AttemptView = NonNullable<Run['attempts']>[number];
type AttemptOf = NonNullable<RunRecord['attempts']>[number];

/** A run as the contract shows it. */
export function runView(run: RunRecord): Run {
  const span = run.spanTo !== undefined && run.spanCount !== undefined;
  return {
    id: run.id,
    jobName: run.jobName,
    status: run.status,
    trigger: run.trigger,
    scheduledAt: instant(run.scheduledAt),
    createdTime: instant(run.createdAt),
    ...instantAs('publishedAt', run.publishedAt),
    ...instantAs('startTime', run.startedAt),
    ...instantAs('endTime', run.endedAt),
    ...instantAs('heartbeat', run.heartbeatAt),
    attempt: run.attempt,
    ...(run.attempts === undefined ? {} : { attempts: run.attempts.map(attemptView) }),
    ...instantAs('nextRetryAt', run.nextRetryAt),
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...(run.progress === undefined ? {} : { progress: run.progress }),
    ...(run.message === undefined ? {} : { message: run.message }),
    ...(run.output === undefined ? {} : { output: run.output }),
    ...(run.error === undefined ? {} : { error: run.error }),
    ...(run.workerId === undefined ? {} : { workerId: run.workerId }),
    ...(run.parentRunId === undefined ? {} : { parentRunId: run.parentRunId }),
    ...(run.payload === undefined ? {} : { payload: run.payload }),
    ...(span ? { ...instantAs('from', run.scheduledAt), ...instantAs('to', run.spanTo) } : {}),
    ...(run.spanCount === undefined ? {} : { count: run.spanCount }),
  };
}

function attemptView(attempt: AttemptOf): AttemptView {
  return {
    attempt: attempt.attempt,
    ...instantAs('startTime', attempt.startedAt),
    endTime: instant(attempt.endedAt),
    outcome: attempt.outcome,
    ...(attempt.error === undefined ? {} : { error: attempt.error }),
    ...(attempt.workerId === undefined ? {} : { workerId: attempt.workerId }),
  };
}
