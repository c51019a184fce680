import { jobName } from '../jobs.ts';
import { HOT_JOB, type Seeded } from './seed.ts';

export interface Query {
  readonly name: string;
  /** Path and parameters, without the cursor. */
  readonly path: string;
  /** The collection that it reads. */
  readonly collection: 'jobs' | 'runs';
}

const instant = (at: number): string => encodeURIComponent(new Date(at).toISOString());

/** Filters as people ask for them, and those that are hard: rare matches, none at all, and several together. */
export function queries({ from, to }: Seeded, jobs: number): Query[] {
  const middle = instant((from + to) / 2);
  const early = instant(from + (to - from) / 100);
  const ofJobs = [
    '',
    'enabled=false',
    'enabled=true',
    'name=job-00*',
    `name=${jobName(jobs - 1)}`,
    'meta.team=team-3',
    'meta.tier=1',
    'meta.rare=yes',
    'meta.team=team-3&meta.tier=1',
    'meta.tier=0&meta.rare=yes',
    'meta.team=none',
    'enabled=false&meta.team=team-3',
    'enabled=false&meta.tier=1&name=job-09*',
  ];
  const ofRuns = [
    '',
    'status=failed',
    'status=completed',
    'status=running',
    'status=cancelling',
    'status=cancelled',
    'status=failed,dead,cancelled',
    'status=pending&status=running',
    `jobName=${HOT_JOB}`,
    `jobName=${HOT_JOB}&status=failed`,
    `jobName=${HOT_JOB}&status=running`,
    `jobName=${jobName(4_321)}`,
    'jobName=none',
    `createdBefore=${middle}`,
    `createdAfter=${early}&createdBefore=${middle}`,
    `createdAfter=${instant(to - 1_000)}`,
    `createdBefore=${middle}&status=dead`,
    `startedBefore=${middle}`,
    `startedBefore=${early}&status=running`,
    `heartbeatBefore=${instant(to)}&status=running`,
    `heartbeatBefore=${middle}`,
    `heartbeatBefore=${instant(from)}`,
    `status=skipped&createdBefore=${early}`,
  ];
  return [
    ...ofJobs.map((query) => ({ name: `jobs ${query}`, path: `/api/jobs?${query}`, collection: 'jobs' as const })),
    ...ofRuns.map((query) => ({ name: `runs ${query}`, path: `/api/runs?${query}`, collection: 'runs' as const })),
  ].map((query) => ({ ...query, name: decodeURIComponent(query.name).replaceAll(/T[\d:.]+Z/g, '') }));
}
