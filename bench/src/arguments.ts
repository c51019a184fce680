import { parseArgs } from 'node:util';
import { HAS_INTERVALS, type PeerName, PEERS } from '@simple-scheduler/bench-peers';
import {
  BASE,
  DEFAULTS,
  type Parameters,
  type Plan,
  PEER_LOADS,
  PEERS_ON_REQUEST,
  SIGNALS,
  SMOKE,
  type WorkloadName,
  WORKLOADS,
} from './parameters.ts';

export interface BenchArguments {
  readonly plans: readonly Plan[];
  readonly profile: boolean;
  /** Settings of MongoDB's storage engine that are not as shipped. */
  readonly wiredTiger: string;
  /** Small and hasty: faults in the results fail the run. */
  readonly smoke: boolean;
  /** Where results are kept; undefined: nowhere. */
  readonly out: string | undefined;
}

const TOPOLOGIES = ['own', 'shared'] as const;
const BOUNDS = { jobs: 1_000_000, seconds: 600, schedulers: 8, runs: 10_000_000 } as const;
/** What a smoke run leaves out: their code has a test of its own, and two more servers. */
const NOT_SMOKED: readonly WorkloadName[] = ['peers'];

export const USAGE = `npm run bench -- [--workload ${WORKLOADS.join('|')}]… [options]
  --jobs N        jobs (floor: runs' worth of messages; limit, w7: where the search begins)
  --seconds S     how long it is measured                    --schedulers N  scheduler processes
  --topology T    own or shared (work queue)                 --aligned       w1: all jobs tick in the same millisecond
  --terse         the worker sends completed only            --runs N        w6: run records that are there
  --signal S      w3: SIGKILL or SIGTERM                     --peer P        ${PEERS.join(', ')}
  --load L        peers: the work of w1, w2 or limit         --cpu-prof      with a CPU profile of each service
  --wired-tiger T settings of MongoDB's storage engine that are not as shipped, such as eviction_updates_trigger=20
  --out FOLDER    where results go (bench/results)           --smoke         small, checks results instead of times
Without --workload everything runs at its usual sizes, which takes an hour (docs/performance.md).`;

const OPTIONS = {
  workload: { type: 'string', multiple: true },
  peer: { type: 'string', multiple: true },
  jobs: { type: 'string' },
  seconds: { type: 'string' },
  schedulers: { type: 'string' },
  runs: { type: 'string' },
  topology: { type: 'string' },
  signal: { type: 'string' },
  load: { type: 'string' },
  aligned: { type: 'boolean' },
  terse: { type: 'boolean' },
  'wired-tiger': { type: 'string' },
  'cpu-prof': { type: 'boolean' },
  smoke: { type: 'boolean' },
  out: { type: 'string' },
} as const;

/** @throws TypeError with what is wrong about the arguments. */
export function parseBenchArguments(args: readonly string[], defaultOut: string): BenchArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const smoke = values.smoke ?? false;
  const given: Partial<Parameters> = {
    ...count('jobs', values.jobs),
    ...count('seconds', values.seconds),
    ...count('schedulers', values.schedulers),
    ...count('runs', values.runs),
    ...choice('topology', TOPOLOGIES, values.topology),
    ...choice('signal', SIGNALS, values.signal),
    ...choice('load', PEER_LOADS, values.load),
    ...(values.aligned === undefined ? {} : { aligned: values.aligned }),
    ...(values.terse === undefined ? {} : { terse: values.terse }),
    ...(values['wired-tiger'] === undefined ? {} : { wiredTiger: values['wired-tiger'] }),
  };
  const peers = values.peer?.flatMap((value) => value.split(',')).map((name) => oneOf('peer', PEERS, name)) ?? PEERS;
  const idle = values.peer === undefined ? undefined : peers.find((peer) => !HAS_INTERVALS[peer]);
  if (given.load === 'limit' && idle !== undefined)
    throw new TypeError(`--load limit is for peers that repeat a job every second, not for ${idle}`);
  const named = values.workload?.flatMap((value) => value.split(','));
  const workloads =
    named?.map((name) => oneOf('workload', WORKLOADS, name)) ??
    WORKLOADS.filter((name) => !(smoke && NOT_SMOKED.includes(name)));
  const usual = smoke ? SMOKE : DEFAULTS;
  const sizes = smoke || given.load === undefined ? usual : { ...usual, peers: [...usual.peers, ...PEERS_ON_REQUEST] };
  const plans = workloads.flatMap((workload) => plansOf(workload, sizes[workload], given, peers));
  for (const { workload, parameters } of plans)
    if (parameters.jobs === 0 && workload !== 'w5') throw new TypeError(`${workload} takes at least one job`);
  const wiredTiger = values['wired-tiger'] ?? '';
  return {
    plans,
    profile: values['cpu-prof'] ?? false,
    wiredTiger,
    smoke,
    out: values.out ?? (smoke ? undefined : defaultOut),
  };
}

/** One plan for each of the sizes that differ once what is given has replaced theirs. */
function plansOf(
  workload: WorkloadName,
  sizes: readonly Partial<Parameters>[],
  given: Partial<Parameters>,
  peers: readonly PeerName[],
): Plan[] {
  const plans = new Map<string, Plan>();
  for (const size of sizes) {
    const parameters = { ...BASE, ...size, ...given };
    if (workload === 'peers' && !peers.includes(parameters.peer)) continue;
    if (workload === 'peers' && given.load !== undefined && size.load !== given.load) continue;
    plans.set(JSON.stringify(parameters), { workload, parameters });
  }
  return [...plans.values()];
}

function count(name: keyof typeof BOUNDS, text: string | undefined): Partial<Parameters> {
  if (text === undefined) return {};
  const value = Number(text);
  const least = name === 'jobs' || name === 'runs' ? 0 : 1;
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > BOUNDS[name])
    throw new TypeError(`--${name} takes a whole number from ${least} to ${BOUNDS[name]}, not ${text}`);
  return { [name]: value };
}

function choice<K extends keyof Parameters, T extends string>(
  name: K,
  choices: readonly T[],
  text: string | undefined,
): Partial<Record<K, T>> {
  return text === undefined ? {} : ({ [name]: oneOf(name, choices, text) } as Partial<Record<K, T>>);
}

function oneOf<T extends string>(name: string, choices: readonly T[], text: string): T {
  const found = choices.find((one) => one === text);
  if (found === undefined) throw new TypeError(`--${name} takes ${choices.join(', ')}, not ${text}`);
  return found;
}
