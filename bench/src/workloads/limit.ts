// The limit of w1: how many runs a second get from their tick to `completed` with none missed and a bearable lateness. A
// search by short trials, then the whole time at what it found; past the limit that is a little less until it holds.
import { type Limit, searchLimit } from '../limit-search.ts';
import { type Punctuality, punctuality } from './punctuality.ts';
import type { WorkloadContext, Workload } from './workload.ts';

const SEARCH = { bound: 20_000, resolution: 0.12 } as const;
const HASTY_SEARCH = { bound: 10, resolution: 0.5 } as const;
const TRIAL_SECONDS = 12;
const LATENESS_P99_MS = 1_000;
const STEP_BACK = 0.85;
const CONFIRMATIONS = 4;

export const limit: Workload = async (context) => {
  const { jobs: start, seconds, hasty } = context.parameters;
  const search = { start, ...(hasty ? HASTY_SEARCH : SEARCH) };
  const found = await searchLimit(search, (jobs) => attempt(context, jobs, Math.min(seconds, TRIAL_SECONDS)));
  const confirmed = await confirm(context, found.size, seconds);
  return {
    jobs: confirmed?.size ?? 0,
    isBound: found.isBound,
    ...confirmed?.result,
    trials: found.tried.map(({ size, sustained, result }) => ({ jobs: size, sustained, ...inShort(result) })),
  };
};

interface Attempt {
  readonly sustained: boolean;
  readonly result: Punctuality;
}

async function confirm(
  context: WorkloadContext,
  size: number,
  seconds: number,
): Promise<Limit<Punctuality>['tried'][number] | undefined> {
  let jobs = size;
  for (let tries = 0; tries < CONFIRMATIONS && jobs > 0; tries++, jobs = Math.floor(jobs * STEP_BACK)) {
    const { sustained, result } = await attempt(context, jobs, seconds);
    if (sustained) return { size: jobs, sustained, result };
  }
  return undefined;
}

async function attempt(context: WorkloadContext, jobs: number, seconds: number): Promise<Attempt> {
  const result = await punctuality({ ...context, parameters: { ...context.parameters, jobs, seconds } });
  const sustained = isSustained(result);
  context.say(
    `${jobs} jobs for ${seconds} s: ${sustained ? 'sustained' : 'too many'} ${JSON.stringify(inShort(result))}`,
  );
  return { sustained, result };
}

export function isSustained({ latenessMs, ticks, completed }: Punctuality): boolean {
  const isWhole = ticks.missed === 0 && ticks.doubled === 0 && completed === ticks.expected;
  return isWhole && (latenessMs?.p99 ?? Number.POSITIVE_INFINITY) <= LATENESS_P99_MS;
}

function inShort({ latenessMs, ticks, completed, runsPerSecond }: Punctuality): Record<string, unknown> {
  return { p99: latenessMs?.p99, missed: ticks.missed, unfinished: ticks.expected - completed, runsPerSecond };
}
