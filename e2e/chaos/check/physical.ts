import type { JobFact, Receipt, Saying } from './history.ts';

const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

/**
 * How often two workers were at work on the same job without concurrency at the same time. Records promise that one run
 * is active; that one worker works is more than anyone can promise, since one that was given up may work on: a figure,
 * not a violation.
 */
export function physicalOverlaps(
  jobs: readonly JobFact[],
  receipts: readonly Receipt[],
  sayings: readonly Saying[],
): number {
  const ends = new Map<string, number[]>();
  for (const { worker, run, status, at } of sayings)
    if (ENDS.has(status)) ends.set(`${worker} ${run}`, [...(ends.get(`${worker} ${run}`) ?? []), at]);
  const exclusive = new Set(jobs.filter(({ isConcurrent }) => !isConcurrent).map(({ name }) => name));
  const works = receipts
    .filter(({ job, action }) => action === 'run' && exclusive.has(job))
    // One that never said how it ended is left out: it may have been killed at once.
    .flatMap(({ worker, run, job, at }) => {
      const until = ends.get(`${worker} ${run}`)?.find((end) => end >= at);
      return until === undefined ? [] : [{ job, at, until }];
    });
  let overlaps = 0;
  for (const own of Map.groupBy(works, ({ job }) => job).values()) {
    let busyUntil = 0;
    for (const { at, until } of own.toSorted((a, b) => a.at - b.at)) {
      if (at < busyUntil) overlaps += 1;
      busyUntil = Math.max(busyUntil, until);
    }
  }
  return overlaps;
}
