// The most jobs at an interval of 1 s that are sustained: a search by short trials, then the whole time at what it found; past
// the limit that is a little less until it holds.
import type { Distribution } from './latency.ts';
import { type Limit, searchLimit } from './limit-search.ts';
import type { Measurement, WorkloadContext } from './workloads/workload.ts';
import { writeOut } from './write-out.ts';

const SEARCH = { bound: 20_000, resolution: 0.12 } as const;
const HASTY_SEARCH = { bound: 10, resolution: 0.5 } as const;
const TRIAL_SECONDS = 12;
const LATENESS_P99_MS = 1_000;
const STEP_BACK = 0.85;
/** Down to a third of what the trials found: what falls behind after tens of seconds can be far above what holds. */
const CONFIRMATIONS = 8;

/** How one number of jobs is tried, and judged. */
export interface Trials<T extends Measurement> {
  measure(context: WorkloadContext): Promise<T>;
  isSustained(result: T, trial: Trial): boolean;
  /** What is told, and kept, of each trial. */
  inShort(result: T): Measurement;
}

export interface Trial {
  readonly jobs: number;
  /** Of the time that the limit is held in the end. */
  readonly share: number;
}

export async function measureLimit<T extends Measurement>(
  context: WorkloadContext,
  trials: Trials<T>,
): Promise<Measurement> {
  const { jobs: start, seconds, hasty } = context.parameters;
  const search = { start, ...(hasty ? HASTY_SEARCH : SEARCH) };
  const attempt = async (jobs: number, trialSeconds: number): Promise<Attempt<T>> => {
    const parameters = { ...context.parameters, jobs, seconds: trialSeconds };
    await writeOut(context.servers.mongodb.url);
    const result = await trials.measure({ ...context, parameters });
    const sustained = trials.isSustained(result, { jobs, share: trialSeconds / seconds });
    const verdict = sustained ? 'sustained' : 'too many';
    context.say(`${jobs} jobs for ${trialSeconds} s: ${verdict} ${JSON.stringify(trials.inShort(result))}`);
    return { sustained, result };
  };
  const found = await searchLimit(search, (jobs) => attempt(jobs, Math.min(seconds, TRIAL_SECONDS)));
  const confirmed = await confirm(found.size, (jobs) => attempt(jobs, seconds));
  return {
    jobs: confirmed?.size ?? 0,
    isBound: found.isBound,
    ...confirmed?.result,
    trials: found.tried.map(({ size, sustained, result }) => ({ jobs: size, sustained, ...trials.inShort(result) })),
  };
}

export function isInTime(lateness: Distribution | undefined): boolean {
  return (lateness?.p99 ?? Number.POSITIVE_INFINITY) <= LATENESS_P99_MS;
}

interface Attempt<T> {
  readonly sustained: boolean;
  readonly result: T;
}

async function confirm<T>(
  size: number,
  attempt: (jobs: number) => Promise<Attempt<T>>,
): Promise<Limit<T>['tried'][number] | undefined> {
  let jobs = size;
  for (let tries = 0; tries < CONFIRMATIONS && jobs > 0; tries++, jobs = Math.floor(jobs * STEP_BACK)) {
    const { sustained, result } = await attempt(jobs);
    if (sustained) return { size: jobs, sustained, result };
  }
  return undefined;
}
