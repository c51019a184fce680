import type { JobInput } from '@simple-scheduler/contracts';
import type { Chance } from '../chance.ts';
import type { Work } from '../worker/plan.ts';

/** A job of the run: what is sent to create it. `nextRunAt` is added when everything is up. */
export interface PlannedJob {
  readonly input: JobInput & { readonly name: string };
  /** `job.N`, or `queue.Q` where it shares a work queue. */
  readonly topology: string;
}

/** Kinds of jobs: each has a promise of the contract as its subject. */
interface Kind {
  readonly name: string;
  /** Of 300. */
  readonly count: number;
  readonly intervalsMs: readonly number[];
  readonly fields: (chance: Chance) => Partial<JobInput>;
  readonly work: Partial<Work>;
}

const QUICK: Work = { minMs: 20, maxMs: 300, saysRunning: true };
const concurrent = { allowConcurrentRuns: true };
const exclusive = (maxQueueCount: number): Partial<JobInput> => ({ allowConcurrentRuns: false, maxQueueCount });

const KINDS: readonly Kind[] = [
  { name: 'steady', count: 65, intervalsMs: [1_000, 2_000, 3_000, 4_000, 5_000], fields: () => concurrent, work: {} },
  { name: 'curt', count: 25, intervalsMs: [2_000, 4_000], fields: () => concurrent, work: { saysRunning: false } },
  {
    name: 'queued',
    count: 60,
    intervalsMs: [2_000, 3_000, 4_000],
    fields: (chance) => exclusive(chance.int(1, 3)),
    work: { minMs: 200, maxMs: 4_500 },
  },
  {
    name: 'narrow',
    count: 30,
    intervalsMs: [1_000, 3_000],
    fields: () => exclusive(0),
    work: { minMs: 100, maxMs: 1_500 },
  },
  {
    name: 'timed',
    count: 30,
    intervalsMs: [4_000, 5_000],
    fields: (chance) => ({
      ...(chance.is(0.5) ? concurrent : exclusive(1)),
      runExecutionTimeout: 2_000,
    }),
    work: { hangShare: 0.15, hangMs: 12_000 },
  },
  {
    name: 'prompt',
    count: 20,
    intervalsMs: [3_000, 5_000],
    fields: () => ({ ...concurrent, runStartTimeout: 4_000 }),
    work: {},
  },
  {
    name: 'beating',
    count: 30,
    intervalsMs: [4_000, 5_000],
    fields: (chance) => ({ ...(chance.is(0.5) ? concurrent : exclusive(1)), heartbeatTimeout: 3_000 }),
    work: { minMs: 500, maxMs: 3_000, beatMs: 700, silentShare: 0.03 },
  },
  {
    name: 'retried',
    count: 20,
    intervalsMs: [3_000, 5_000],
    fields: (chance) => ({
      ...(chance.is(0.5) ? concurrent : exclusive(1)),
      maxRetries: 2,
      retryBackoff: 'fixed',
      retryDelay: 300,
    }),
    work: { failShare: 0.3 },
  },
  {
    name: 'missed',
    count: 20,
    intervalsMs: [1_000, 2_000],
    fields: (chance) => ({
      ...(chance.is(0.5) ? concurrent : exclusive(2)),
      misfireGrace: 2_500,
      misfirePolicy: chance.pick(['skip', 'fire_once', 'fire_all'] as const),
      misfireLimit: 4,
    }),
    work: {},
  },
];
/** Jobs without a schedule: they run when users ask. */
const ASKED = 10;
/** Short, so that the end of the run has nothing to wait for. */
const CANCEL_TIMEOUT_MS = 4_000;
const SHARED_QUEUES = 4;
const SHARED_SHARE = 0.3;

/** 300 jobs with a schedule, and some that run when asked only. */
export function planJobs(chance: Chance): PlannedJob[] {
  const jobs = KINDS.flatMap((kind) =>
    Array.from({ length: kind.count }, (_, i) => {
      const interval = kind.intervalsMs[i % kind.intervalsMs.length] as number;
      return plan(chance, `${kind.name}-${i + 1}`, { interval, ...kind.fields(chance) }, kind.work);
    }),
  );
  const asked = Array.from({ length: ASKED }, (_, i) =>
    plan(chance, `asked-${i + 1}`, i % 2 === 0 ? concurrent : exclusive(2), { minMs: 200, maxMs: 3_000 }),
  );
  return [...jobs, ...asked];
}

function plan(chance: Chance, name: string, fields: Partial<JobInput>, work: Partial<Work>): PlannedJob {
  const workQueue = chance.is(SHARED_SHARE) ? `shared-${chance.int(1, SHARED_QUEUES)}` : undefined;
  const topology = workQueue === undefined ? `job.${name}` : `queue.${workQueue}`;
  const payload = { ...QUICK, ...work, topology };
  return {
    input: {
      name,
      cancelTimeout: CANCEL_TIMEOUT_MS,
      ...fields,
      ...(workQueue === undefined ? {} : { workQueue }),
      payload,
    },
    topology,
  };
}
