import type { Run } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { instant, instantOrNone } from './instant.ts';
import type { Shown } from './shown.ts';

type AttemptView = NonNullable<Run['attempts']>[number];
type AttemptOf = NonNullable<RunRecord['attempts']>[number];

/** A run as the contract shows it. */
export function runView(run: RunRecord): Run {
  const span = run.spanTo !== undefined && run.spanCount !== undefined;
  const view: Shown<Run> = {
    id: run.id,
    jobName: run.jobName,
    status: run.status,
    trigger: run.trigger,
    scheduledAt: instant(run.scheduledAt),
    createdTime: instant(run.createdAt),
    publishedAt: instantOrNone(run.publishedAt),
    startTime: instantOrNone(run.startedAt),
    endTime: instantOrNone(run.endedAt),
    heartbeat: instantOrNone(run.heartbeatAt),
    attempt: run.attempt,
    attempts: run.attempts?.map(attemptView),
    nextRetryAt: instantOrNone(run.nextRetryAt),
    reason: run.reason,
    progress: run.progress,
    message: run.message,
    output: run.output,
    error: run.error,
    workerId: run.workerId,
    parentRunId: run.parentRunId,
    payload: run.payload,
    from: span ? instant(run.scheduledAt) : undefined,
    to: span ? instantOrNone(run.spanTo) : undefined,
    count: run.spanCount,
  };
  return view as Run;
}

function attemptView(attempt: AttemptOf): AttemptView {
  const view: Shown<AttemptView> = {
    attempt: attempt.attempt,
    startTime: instantOrNone(attempt.startedAt),
    endTime: instant(attempt.endedAt),
    outcome: attempt.outcome,
    error: attempt.error,
    workerId: attempt.workerId,
  };
  return view as AttemptView;
}
