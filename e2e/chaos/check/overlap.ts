import { activeSince, describeRun, iso, type JobFact, type RunFact, type Violation } from './history.ts';

/**
 * Invariant 5: runs of a job without concurrency are active one after the other, and in the order in which they were
 * made; and where one was skipped for want of a place, there was a run in its way.
 */
export function checkOverlap(jobs: readonly JobFact[], runs: readonly RunFact[]): Violation[] {
  const byJob = Map.groupBy(runs, (run) => run.job);
  return jobs.flatMap((job) => {
    const own = (byJob.get(job.name) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    if (!job.isConcurrent) return [...overlaps(own), ...groundlessSkips(own)];
    return own
      .filter(({ reason }) => reason === 'overlap')
      .map((run) => ({ check: 'overlap', what: `${describeRun(run)}, although its runs may overlap` }));
  });
}

function overlaps(runs: readonly RunFact[]): Violation[] {
  const violations: Violation[] = [];
  const active = runs.flatMap((run) => {
    const since = activeSince(run);
    return since === undefined ? [] : [{ run, since }];
  });
  for (let i = 1; i < active.length; i += 1) {
    const [before, after] = [active[i - 1], active[i]] as [(typeof active)[number], (typeof active)[number]];
    if (after.since < before.since)
      violations.push({
        check: 'oldest first',
        what: `${describeRun(after.run)} started before ${describeRun(before.run)}`,
      });
  }
  const inTime = active.toSorted((a, b) => a.since - b.since);
  let latest: (typeof active)[number] | undefined;
  for (const each of inTime) {
    const busyUntil =
      latest === undefined ? Number.NEGATIVE_INFINITY : (latest.run.endedAt ?? Number.POSITIVE_INFINITY);
    if (latest !== undefined && each.since < busyUntil)
      violations.push({
        check: 'one active run',
        what: `${describeRun(each.run)} was active from ${iso(each.since)} on, ${describeRun(latest.run)} until ${Number.isFinite(busyUntil) ? iso(busyUntil) : 'the end'}`,
      });
    if (latest === undefined || (each.run.endedAt ?? Number.POSITIVE_INFINITY) >= busyUntil) latest = each;
  }
  return violations;
}

/** A run's end is dated when it is decided; until it is written, which a fault may hold up, its place is taken. */
const WRITING_MS = 20_000;

function groundlessSkips(runs: readonly RunFact[]): Violation[] {
  const live = runs.filter(({ status }) => status !== 'skipped');
  return runs
    .filter(({ reason }) => reason === 'overlap')
    .filter(
      ({ createdAt }) =>
        !live.some((run) => run.createdAt <= createdAt && (run.endedAt ?? createdAt) + WRITING_MS >= createdAt),
    )
    .map((run) => ({ check: 'overlap', what: `${describeRun(run)}, although no run was in its way` }));
}
