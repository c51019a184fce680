/**
 * Of a failing seed, the least that still fails in the same way: without the faults and the jobs that it does not take,
 * and of what happens then only what concerns the broken promise. Leaving something out may change everything else, so
 * each is tried; the order is fixed, and so is the result.
 */
import type { Violation } from '../checks/violations.ts';
import { type Faults, NO_FAULTS } from '../world/faults.ts';
import { type Outcome, simulate, type SimulationOptions } from './simulate.ts';

export interface ShortestStory {
  readonly violation: Violation;
  /** The faults that it takes. */
  readonly faults: Partial<Faults>;
  /** The jobs from the start that it takes. */
  readonly firstJobs: readonly string[];
  readonly lines: readonly string[];
}

const LINES_MAX = 80;

/** Null where the seed keeps every promise. */
export async function shortestStory(seed: number): Promise<ShortestStory | null> {
  const whole = await simulate(seed);
  const [first] = whole.violations;
  if (first === undefined) return null;
  let least: SimulationOptions = {};
  let outcome = whole;
  for (const smaller of reductions(whole)) {
    const trial = smaller(least);
    const after = await simulate(seed, trial);
    if (after.violations[0]?.invariant !== first.invariant) continue;
    least = trial;
    outcome = after;
  }
  const violation = outcome.violations[0] as Violation;
  const faults = Object.entries(outcome.faults).filter(([name, value]) => value !== NO_FAULTS[name as keyof Faults]);
  return {
    violation,
    faults: Object.fromEntries(faults),
    firstJobs: outcome.firstJobs,
    lines: await tellOf(seed, least, violation),
  };
}

function reductions({ faults, firstJobs }: Outcome): ((options: SimulationOptions) => SimulationOptions)[] {
  const drawn = (Object.keys(faults) as (keyof Faults)[]).filter((name) => faults[name] !== NO_FAULTS[name]);
  return [
    ...drawn.map((name) => (options: SimulationOptions) => ({
      ...options,
      faults: { ...options.faults, [name]: NO_FAULTS[name] },
    })),
    ...firstJobs.map((name) => (options: SimulationOptions) => ({
      ...options,
      withoutJobs: new Set([...(options.withoutJobs ?? []), name]),
    })),
  ];
}

/** What happened until the promise was broken, as far as it is about its jobs or about processes and servers. */
async function tellOf(seed: number, options: SimulationOptions, violation: Violation): Promise<string[]> {
  const told: { at: number; what: string }[] = [];
  await simulate(seed, { ...options, tell: (at, what) => void (at <= violation.at && told.push({ at, what })) });
  const jobs = jobsIn(violation, told);
  const concerns = (what: string): boolean => {
    const [, job] = /^(?:job|run [0-9a-f]{8}|pruned [0-9a-f]{8}) (\S+)/.exec(what) ?? [];
    return job === undefined || jobs.size === 0 || jobs.has(job);
  };
  const lines = told.filter(({ what }) => concerns(what)).map(({ at, what }) => `${String(at).padStart(7)} ${what}`);
  const cut = lines.length - LINES_MAX;
  return cut > 0 ? [`        (${cut} lines before)`, ...lines.slice(cut)] : lines;
}

function jobsIn({ what }: Violation, told: readonly { what: string }[]): Set<string> {
  const jobs = new Set(what.match(/\b(?:first-\d+|job-\d+-\d+)\b/g));
  for (const id of what.match(/\b[0-9a-f]{24}\b/g) ?? []) {
    const line = told.find((each) => each.what.startsWith(`run ${id.slice(-8)} `));
    if (line !== undefined) jobs.add(line.what.split(' ')[2] as string);
  }
  return jobs;
}
