import { parseArgs } from 'node:util';

export const WORKLOADS = ['floor', 'w1', 'w2', 'w5', 'lists'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** `own`: each job has exchanges and a queue of its own. `shared`: all jobs share those of one work queue. */
export type TopologyKind = 'own' | 'shared';

/** What one workload is run with; each has its own defaults. */
export interface Parameters {
  readonly jobs: number;
  readonly seconds: number;
  readonly schedulers: number;
  readonly topology: TopologyKind;
  /** All jobs of w1 tick in the same millisecond, instead of evenly spread over the second. */
  readonly aligned: boolean;
  /** The worker sends `completed` only. */
  readonly terse: boolean;
}

export interface Plan {
  readonly workload: WorkloadName;
  readonly parameters: Parameters;
}

export interface BenchArguments {
  readonly plans: readonly Plan[];
  readonly profile: boolean;
  readonly out: string;
}

const DEFAULTS: Readonly<Record<WorkloadName, readonly Partial<Parameters>[]>> = {
  floor: [{ jobs: 30_000 }],
  w1: [{ jobs: 100 }, { jobs: 1_000 }],
  w2: [{ jobs: 10_000, topology: 'shared' }],
  w5: [{ jobs: 100_000, topology: 'shared' }],
  lists: [{ jobs: 100_000 }],
};
const BASE: Parameters = { jobs: 0, seconds: 30, schedulers: 1, topology: 'own', aligned: false, terse: false };
const BOUNDS = { jobs: 1_000_000, seconds: 600, schedulers: 8 } as const;

export const USAGE = `npm run bench -- [--workload floor|w1|w2|w5|lists]… [options]
  --jobs N        jobs (floor: messages; lists: also runs / 10) --seconds S    how long w1 is measured
  --schedulers N  scheduler processes                        --topology T   own or shared (work queue)
  --aligned       w1: all jobs tick in the same millisecond  --terse        the worker sends completed only
  --cpu-prof      with a CPU profile of each service         --out FOLDER   where results go (bench/results)
Without --workload: floor, w1 with 100 and with 1,000 jobs, w2 with 10,000, w5 and lists with 100,000.`;

/** @throws TypeError with what is wrong about the arguments. */
export function parseBenchArguments(args: readonly string[], defaultOut: string): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string', multiple: true },
      jobs: { type: 'string' },
      seconds: { type: 'string' },
      schedulers: { type: 'string' },
      topology: { type: 'string' },
      aligned: { type: 'boolean' },
      terse: { type: 'boolean' },
      'cpu-prof': { type: 'boolean' },
      out: { type: 'string' },
    },
  });
  const named = values.workload?.flatMap((value) => value.split(',')) ?? WORKLOADS;
  const given: Partial<Parameters> = {
    ...count('jobs', values.jobs),
    ...count('seconds', values.seconds),
    ...count('schedulers', values.schedulers),
    ...(values.topology === undefined ? {} : { topology: topologyKind(values.topology) }),
    ...(values.aligned === undefined ? {} : { aligned: values.aligned }),
    ...(values.terse === undefined ? {} : { terse: values.terse }),
  };
  const plans = named.flatMap((name) => {
    const workload = WORKLOADS.find((one) => one === name);
    if (workload === undefined) throw new TypeError(`There is no workload ${name}`);
    // Where the number of jobs is given there is one size, not each that there would be by default.
    const sizes = given.jobs === undefined ? DEFAULTS[workload] : DEFAULTS[workload].slice(0, 1);
    return sizes.map((size) => ({ workload, parameters: { ...BASE, ...size, ...given } }));
  });
  return { plans, profile: values['cpu-prof'] ?? false, out: values.out ?? defaultOut };
}

function count(name: keyof typeof BOUNDS, text: string | undefined): Partial<Parameters> {
  if (text === undefined) return {};
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > BOUNDS[name])
    throw new TypeError(`--${name} takes a whole number from 1 to ${BOUNDS[name]}, not ${text}`);
  return { [name]: value };
}

function topologyKind(text: string): TopologyKind {
  if (text !== 'own' && text !== 'shared') throw new TypeError(`--topology takes own or shared, not ${text}`);
  return text;
}
