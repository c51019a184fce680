import { expect, test } from 'vitest';
import type { JobFact, RunFact, Saying } from './history.ts';
import { checkRecords } from './records.ts';
import { sampleJob, sampleRun, sampleSayings, sampleSkip, START_AT } from './sample.ts';

const at = (seconds: number): number => START_AT + seconds * 1_000;
function checksOf(run: RunFact, said: readonly Saying[] = sampleSayings(0), fields: Partial<JobFact> = {}): string[] {
  return checkRecords([sampleJob(5, fields)], [run], said).map(({ check }) => check);
}

test('is content with a completed run of which a worker said so', () => {
  expect(checksOf(sampleRun(0))).toEqual([]);
});

test.each([
  ['published before it was made', { publishedAt: at(0.004) }],
  ['started before it was published', { startedAt: at(0.019) }],
  ['ended before it was started', { endedAt: at(0.049) }],
])('notices a run %s', (_, fields) => {
  expect(checksOf(sampleRun(0, fields))).toEqual(['times in order']);
});

test('notices a tick that came early, while users may ask at any time', () => {
  const early = { scheduledAt: at(0.006) };
  expect(checksOf(sampleRun(0, early))).toEqual(['never early']);
  expect(checksOf(sampleRun(0, { ...early, trigger: 'manual' }))).toEqual([]);
});

const lost = { attempt: 1, startedAt: at(0.1), endedAt: at(3), outcome: 'lost' as const };
const again = { attempt: 2, attempts: [lost], publishedAt: at(3), startedAt: at(3.1), endedAt: at(4) };
const beating = { heartbeatTimeoutMs: 3_000 };

test('follows attempts', () => {
  expect(checksOf(sampleRun(0, again), sampleSayings(0), beating)).toEqual([]);
  expect(checksOf(sampleRun(0, { ...again, attempt: 3 }), sampleSayings(0), beating)).toEqual(['attempts count up']);
  expect(checksOf(sampleRun(0, { ...again, publishedAt: at(2.9) }), sampleSayings(0), beating)).toEqual([
    'times in order',
  ]);
});

test('a run that was lost too often ends with its last attempt', () => {
  const fields = { status: 'failed' as const, reason: 'lost', attempts: [lost], startedAt: at(0.1), endedAt: at(3) };
  expect(checksOf(sampleRun(0, fields), sampleSayings(0, 'failed'), beating)).toEqual([]);
});

test('notices the word of an attempt that was given up', () => {
  const said = [...sampleSayings(0, 'completed', 1), ...sampleSayings(0, 'completed', 2)];
  expect(checksOf(sampleRun(0, { ...again, output: { attempt: 2 } }), said, beating)).toEqual([]);
  expect(checksOf(sampleRun(0, { ...again, output: { attempt: 1 } }), said, beating)).toEqual([
    'old attempts have no effect',
  ]);
});

test.each(['completed', 'failed'] as const)('notices a run that is %s without anyone having said so', (status) => {
  const other = status === 'completed' ? 'failed' : 'completed';
  expect(checksOf(sampleRun(0, { status }), sampleSayings(0, status))).toEqual([]);
  expect(checksOf(sampleRun(0, { status }), sampleSayings(0, other))).toEqual(['every end explained']);
  expect(checksOf(sampleRun(0, { status }), [])).toEqual(['every end explained']);
});

test('what was said of an older attempt explains nothing', () => {
  expect(checksOf(sampleRun(0, again), sampleSayings(0, 'completed', 1), beating)).toEqual(['every end explained']);
});

test.each([
  ['requested', {}, []],
  ['start_timeout', { startTimeoutMs: 1 }, []],
  ['start_timeout', { executionTimeoutMs: 1 }, ['every end explained']],
  ['execution_timeout', { executionTimeoutMs: 1 }, []],
  ['execution_timeout', { startTimeoutMs: 1 }, ['every end explained']],
  [undefined, {}, ['every end explained']],
])('a run cancelled because of %s on %j', (reason, fields, expected) => {
  const run = sampleRun(0, { status: 'cancelled', ...(reason === undefined ? {} : { reason }) });
  expect(checksOf(run, [], fields)).toEqual(expected);
});

test('only jobs with heartbeats lose attempts, and only jobs with retries fail and go on', () => {
  expect(checksOf(sampleRun(0, again))).toEqual(['every end explained']);
  const failed = { ...again, attempts: [{ ...lost, outcome: 'failed' as const }] };
  const said = [...sampleSayings(0, 'failed', 1), ...sampleSayings(0, 'completed', 2)];
  expect(checksOf(sampleRun(0, failed), said, { maxRetries: 1 })).toEqual([]);
  expect(checksOf(sampleRun(0, failed), said)).toEqual(['every end explained']);
  expect(checksOf(sampleRun(0, failed), sampleSayings(0, 'completed', 2), { maxRetries: 1 })).toEqual([
    'every end explained',
  ]);
});

test('a run is dead only where it had retries', () => {
  const run = sampleRun(0, { status: 'dead' });
  expect(checksOf(run, sampleSayings(0, 'failed'), { maxRetries: 1 })).toEqual([]);
  expect(checksOf(run, sampleSayings(0, 'failed'))).toEqual(['every end explained']);
});

test.each(['pending', 'running', 'cancelling'] as const)('notices a run that is still %s at the end', (status) => {
  const { endedAt: _, ...run } = sampleRun(0, { status });
  expect(checksOf(run)).toEqual(['every run ends']);
});

test('a skipped tick says why', () => {
  expect(checksOf(sampleSkip(0, 'overlap'), [])).toEqual([]);
  const { reason: _, ...silent } = sampleSkip(0, 'overlap');
  expect(checksOf(silent, [])).toEqual(['every end explained']);
});
