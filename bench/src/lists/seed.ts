// What the lists are measured on: many jobs with labels, and a history in which some statuses are rare, one job has a tenth
// of all runs, and thousands of runs are live.
import type { RunStatus } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import type { Store } from '@simple-scheduler/engine';
import { addJobs, jobName } from '../jobs.ts';

const BATCH = 1_000;
const IN_FLIGHT = 2;
const SPACING_MS = 500;
/** Jobs with the label `rare`. */
const RARE = 10;
const LIVE_SHARE = 100;

export const HOT_JOB = jobName(7);

export async function seedJobs(store: Store, count: number): Promise<void> {
  await addJobs(store, count, (index) => ({
    name: jobName(index),
    interval: 86_400_000,
    enabled: index % 10 !== 0,
    meta: {
      team: `team-${index % 20}`,
      tier: String(index % 3),
      ...(index % Math.ceil(count / RARE) === 0 ? { rare: 'yes' } : {}),
    },
  }));
}

export interface Seeded {
  /** When the first and the last run were created, epoch ms. */
  readonly from: number;
  readonly to: number;
}

export async function seedRuns(store: Store, counts: { jobs: number; runs: number }): Promise<Seeded> {
  const to = Date.now();
  const from = to - counts.runs * SPACING_MS;
  const uids = new Map((await jobUids(store, counts.jobs)).map((uid, index) => [index, uid]));
  let next = 0;
  const insert = async (): Promise<void> => {
    for (let first = next; first < counts.runs; first = next) {
      next = first + BATCH;
      const runs = Array.from({ length: Math.min(BATCH, counts.runs - first) }, (_, i) => {
        const index = first + i;
        const job = index % 10 === 0 ? 7 : index % counts.jobs;
        return runAt(from + index * SPACING_MS, { index, job, jobUid: uids.get(job) ?? '', counts });
      });
      await store.insertRuns(runs);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, insert));
  return { from, to };
}

async function jobUids(store: Store, count: number): Promise<string[]> {
  const uids: string[] = [];
  for (let after: string | undefined; uids.length < count; ) {
    const page = await store.listJobs({ limit: BATCH, ...(after === undefined ? {} : { after }) });
    uids.push(...page.jobs.map(({ uid }) => uid));
    after = page.next;
    if (after === undefined) break;
  }
  return uids;
}

interface Place {
  readonly index: number;
  readonly job: number;
  readonly jobUid: string;
  readonly counts: { readonly runs: number };
}

function runAt(createdAt: number, { index, job, jobUid, counts }: Place): RunRecord {
  const status = statusOf(index, counts.runs);
  const started = status !== 'pending' && status !== 'skipped';
  const ended = !['pending', 'running'].includes(status);
  const id = createdAt.toString(16).padStart(12, '0') + index.toString(16).padStart(12, '0');
  return {
    id,
    jobName: jobName(job),
    jobUid,
    tickKey: `${jobUid}:0:${String(createdAt).padStart(15, '0')}`,
    rev: 2,
    status,
    trigger: 'schedule',
    scheduledAt: createdAt,
    createdAt,
    attempt: 1,
    payload: { to: 'team', copies: 2 },
    startTimeoutMs: 0,
    executionTimeoutMs: 0,
    cancelTimeoutMs: 60_000,
    heartbeatTimeoutMs: 0,
    ...(status === 'skipped' ? { reason: 'overlap' as const } : { publishedAt: createdAt + 2 }),
    ...(started ? { startedAt: createdAt + 5, heartbeatAt: createdAt + 5, workerId: `worker-${index % 50}` } : {}),
    ...(ended ? { endedAt: createdAt + 400 } : {}),
    ...(status === 'completed' ? { output: { rows: index % 1_000 } } : {}),
    ...(status === 'failed' || status === 'dead' ? { error: 'no answer from the mail server' } : {}),
  };
}

/** The newest are live; of the others 5 % are skipped, 3 % failed, 0.5 % dead, one in 100,000 cancelled. */
function statusOf(index: number, runs: number): RunStatus {
  if (index >= runs - runs / LIVE_SHARE) return index % 3 === 0 ? 'pending' : 'running';
  if (index % 100_000 === 11) return 'cancelled';
  const place = index % 200;
  if (place < 10) return 'skipped';
  if (place < 16) return 'failed';
  return place === 16 ? 'dead' : 'completed';
}
