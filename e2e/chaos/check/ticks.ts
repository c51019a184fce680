import { describeRun, iso, type JobFact, type RunFact, type Violation } from './history.ts';

export interface TickFigures {
  readonly due: number;
  readonly runs: number;
  readonly skipped: number;
}

/**
 * Invariant 1: every tick between the job's first and its pause has exactly one record, a run or a `skipped`, and
 * nothing else has one. A row of skipped ticks counts for each of its ticks.
 */
export function checkTicks(
  jobs: readonly JobFact[],
  runs: readonly RunFact[],
): {
  readonly violations: readonly Violation[];
  readonly figures: TickFigures;
} {
  const byJob = Map.groupBy(runs, (run) => run.job);
  const violations: Violation[] = [];
  const figures = { due: 0, runs: 0, skipped: 0 };
  for (const job of jobs) {
    const own = (byJob.get(job.name) ?? []).filter(({ trigger }) => trigger === 'schedule' || trigger === 'misfire');
    byJob.delete(job.name);
    if (job.schedule === undefined) {
      for (const run of own) violations.push(broken(`${describeRun(run)} has no schedule`));
      continue;
    }
    violations.push(...faultsOf(job.name, job.schedule, own));
    for (const run of own) {
      const ticks = run.span?.count ?? 1;
      figures.due += ticks;
      if (run.status === 'skipped') figures.skipped += ticks;
      else figures.runs += 1;
    }
  }
  for (const name of byJob.keys()) violations.push(broken(`there are runs of a job ${name} that nobody created`));
  return { violations, figures };
}

const broken = (what: string): Violation => ({ check: 'one record per tick', what });

function faultsOf(
  name: string,
  { intervalMs, firstAt, nextAt, pauseAskedAt, pauseAnsweredAt }: NonNullable<JobFact['schedule']>,
  runs: readonly RunFact[],
): Violation[] {
  const violations: Violation[] = [];
  const say = (what: string): void => void violations.push(broken(`${name}: ${what}`));
  const isOnGrid = (tick: number): boolean => tick >= firstAt && (tick - firstAt) % intervalMs === 0;
  const records = new Map<number, RunFact[]>();
  for (const run of runs) {
    const last = run.span?.to ?? run.scheduledAt;
    if (!isOnGrid(run.scheduledAt) || !isOnGrid(last)) say(`${describeRun(run)} is not on the grid`);
    if (run.span !== undefined && run.span.count !== (last - run.scheduledAt) / intervalMs + 1)
      say(`${describeRun(run)} counts ${run.span.count} ticks until ${iso(last)}`);
    for (let tick = run.scheduledAt; tick <= last; tick += intervalMs)
      records.set(tick, [...(records.get(tick) ?? []), run]);
  }
  for (const [tick, several] of records)
    if (several.length > 1)
      say(`tick ${iso(tick)} has ${several.length} records: ${several.map(describeRun).join(', ')}`);
  // A scheduler whose clock is a moment ahead of the pause may have recorded the tick that came with it.
  const beyond = [...records.keys()].filter((tick) => tick >= nextAt && tick > pauseAnsweredAt);
  for (const tick of beyond) say(`tick ${iso(tick)} was recorded although the job was paused before`);
  if (nextAt <= pauseAskedAt) say(`was paused with the due tick ${iso(nextAt)} unsettled`);
  if (nextAt > pauseAnsweredAt + intervalMs) say(`was paused with ${iso(nextAt)} next, which leaves ticks out`);
  const missing: number[] = [];
  for (let tick = firstAt; tick < nextAt; tick += intervalMs) if (!records.has(tick)) missing.push(tick);
  if (missing.length > 0)
    say(
      `${missing.length} ticks have no record: ${missing.slice(0, 3).map(iso).join(', ')}${missing.length > 3 ? ', …' : ''}`,
    );
  return violations;
}
