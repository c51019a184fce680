import { describeRun, type JobFact, type RunFact, type Saying, type Violation } from './history.ts';

/** Invariant 4, of the final records: every run has ended, for a reason that its job and its workers gave. */
export function checkRecords(
  jobs: readonly JobFact[],
  runs: readonly RunFact[],
  sayings: readonly Saying[],
): Violation[] {
  const jobOf = new Map(jobs.map((job) => [job.name, job]));
  const saidOf = Map.groupBy(sayings, (saying) => saying.run);
  return runs.flatMap((run) => {
    const job = jobOf.get(run.job);
    const said = saidOf.get(run.id) ?? [];
    return [
      ...unordered(run),
      ...staleWord(run),
      ...(job === undefined ? [] : unexplainedEnd(run, job, said)),
      ...(job === undefined ? [] : unexplainedAttempts(run, job, said)),
    ];
  });
}

function unordered(run: RunFact): Violation[] {
  const violations: Violation[] = [];
  // One that was lost too often ends with its last attempt: that is told twice.
  const earlier = run.attempts.filter(({ attempt }) => attempt < run.attempt);
  const attempts = earlier.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]);
  const times = [run.createdAt, ...attempts, run.publishedAt, run.startedAt, run.endedAt].filter(
    (at) => at !== undefined,
  );
  if (times.some((at, i) => i > 0 && at < (times[i - 1] as number)))
    violations.push({ check: 'times in order', what: `${describeRun(run)}: ${times.join(', ')}` });
  const isTick = run.trigger === 'schedule' || run.trigger === 'misfire';
  if (isTick && run.createdAt < run.scheduledAt)
    violations.push({ check: 'never early', what: `${describeRun(run)} ${run.scheduledAt - run.createdAt} ms early` });
  const numbers = [...earlier.map(({ attempt }) => attempt), run.attempt];
  if (numbers.some((number, i) => number !== i + 1))
    violations.push({ check: 'attempts count up', what: `${describeRun(run)}: ${numbers.join(', ')}` });
  return violations;
}

/** Workers that know attempts put theirs into the output: one that was given up must not have had the last word. */
function staleWord(run: RunFact): Violation[] {
  const { output } = run;
  if (output === null || typeof output !== 'object' || !('attempt' in output)) return [];
  if (output.attempt === run.attempt) return [];
  return [{ check: 'old attempts have no effect', what: `${describeRun(run)} ended by attempt ${output.attempt}` }];
}

function unexplainedEnd(run: RunFact, job: JobFact, said: readonly Saying[]): Violation[] {
  const explained = (because: boolean): Violation[] =>
    because ? [] : [{ check: 'every end explained', what: `${describeRun(run)}, workers said ${wordsOf(said)}` }];
  const wasSaid = (status: string): boolean =>
    said.some((saying) => saying.status === status && (saying.attempt ?? run.attempt) === run.attempt);
  switch (run.status) {
    case 'skipped':
      return explained(run.reason === 'overlap' || run.reason === 'misfire');
    case 'completed':
      return explained(wasSaid('completed'));
    case 'failed':
      return explained(wasSaid('failed'));
    case 'dead':
      return explained(job.maxRetries > 0 && wasSaid('failed'));
    case 'cancelled':
      return explained(
        run.reason === 'requested' ||
          (run.reason === 'start_timeout' && job.startTimeoutMs > 0) ||
          (run.reason === 'execution_timeout' && job.executionTimeoutMs > 0),
      );
    case 'pending':
    case 'running':
    case 'cancelling':
      return [{ check: 'every run ends', what: `${describeRun(run)} is still ${run.status}` }];
  }
}

function unexplainedAttempts(run: RunFact, job: JobFact, said: readonly Saying[]): Violation[] {
  return run.attempts
    .filter(({ outcome, attempt }) =>
      outcome === 'lost'
        ? job.heartbeatTimeoutMs === 0
        : job.maxRetries === 0 ||
          !said.some((saying) => saying.status === 'failed' && (saying.attempt ?? attempt) === attempt),
    )
    .map(({ attempt, outcome }) => ({
      check: 'every end explained',
      what: `${describeRun(run)}: attempt ${attempt} ${outcome}, workers said ${wordsOf(said)}`,
    }));
}

const wordsOf = (said: readonly Saying[]): string =>
  said.map(({ status, attempt }) => `${status}${attempt === undefined ? '' : ` (${attempt})`}`).join(', ') || 'nothing';
