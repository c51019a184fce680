// For the tests of the checks: a small history in which nothing is wrong, to be spoilt in one place at a time.
import type { Run } from '@simple-scheduler/contracts';
import type { JobFact, Receipt, RunFact, Saying } from './history.ts';

export const START_AT: number = Date.parse('2026-01-01T00:00:00.000Z');

/** An exclusive job with a tick each second, the first at `START_AT`, paused after `ticks` of them. */
export function sampleJob(ticks: number, fields: Partial<JobFact> = {}): JobFact {
  const pauseAt = START_AT + ticks * 1_000 - 400;
  return {
    name: 'a',
    isConcurrent: false,
    maxQueueCount: 1,
    schedule: {
      intervalMs: 1_000,
      firstAt: START_AT,
      nextAt: START_AT + ticks * 1_000,
      pauseAskedAt: pauseAt,
      pauseAnsweredAt: pauseAt + 20,
    },
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    heartbeatTimeoutMs: 0,
    maxRetries: 0,
    ...fields,
  };
}

/** The run of tick `n`: made, published, taken and completed within half a second. */
export function sampleRun(n: number, fields: Partial<RunFact> = {}): RunFact {
  const at = START_AT + n * 1_000;
  return {
    id: idOf(n),
    job: 'a',
    status: 'completed',
    trigger: 'schedule',
    scheduledAt: at,
    createdAt: at + 5,
    publishedAt: at + 20,
    startedAt: at + 50,
    endedAt: at + 500,
    attempt: 1,
    attempts: [],
    ...fields,
  };
}

/** The tick `n`, skipped. */
export function sampleSkip(n: number, reason: 'overlap' | 'misfire', fields: Partial<RunFact> = {}): RunFact {
  const { publishedAt: _p, startedAt: _s, ...run } = sampleRun(n);
  return { ...run, status: 'skipped', reason, endedAt: run.createdAt, ...fields };
}

export function sampleReceipt(n: number, fields: Partial<Receipt> = {}): Receipt {
  const at = START_AT + n * 1_000 + 30;
  return {
    at,
    worker: 'w',
    run: idOf(n),
    job: 'a',
    action: 'run',
    attempt: 1,
    queue: 'work',
    redelivered: false,
    ...fields,
  };
}

export function sampleSayings(n: number, last = 'completed', attempt?: number): Saying[] {
  const at = START_AT + n * 1_000 + 40;
  const known = attempt === undefined ? {} : { attempt };
  return ['running', last].map((status, i) => ({ at: at + i, worker: 'w', run: idOf(n), status, ...known }));
}

/** A run as the API shows it. */
export function shownRun(n: number, fields: Partial<Run> = {}): Run {
  const at = (ms: number): string => new Date(START_AT + n * 1_000 + ms).toISOString();
  return {
    id: idOf(n),
    jobName: 'a',
    status: 'running',
    trigger: 'schedule',
    scheduledAt: at(0),
    createdTime: at(5),
    publishedAt: at(20),
    startTime: at(50),
    attempt: 1,
    ...fields,
  };
}

export const idOf = (n: number): string => n.toString(16).padStart(24, '0');
