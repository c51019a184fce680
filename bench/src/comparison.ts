import { round } from './latency.ts';
import type { Result } from './report.ts';
import { numberAt } from './values.ts';

/** A figure beside what it is measured against, of the same run. */
export interface Comparison {
  readonly of: string;
  readonly figure: string;
  readonly value: number;
  /** What the parts can do. */
  readonly floor?: number;
  /** Rates: a share of the floor. Times and CPU: how many times the floor. */
  readonly ofFloor?: number;
  /** For each peer: how many times more runs, sooner, less late, or less CPU. */
  readonly timesBetterThan?: Readonly<Record<string, number>>;
}

type Compared = Pick<Result, 'workload' | 'parameters' | 'measured'>;

const CPU = 'cpuMsPer1000Runs.all';
const MESSAGES_PER_RUN = { usual: 3, terse: 2 } as const;

/** What can be compared among the results of one run. */
export function compare(results: readonly Compared[]): Comparison[] {
  const floor = results.find(({ workload }) => workload === 'floor');
  return results.flatMap((result) => [
    ...throughput(result, floor, results),
    ...burstTime(result, floor, results),
    ...lateness(result, results),
    ...cpu(result, floor, results),
  ]);
}

/** The best that the broker did with as many messages per run, whichever way. */
export function floorOf(floor: Compared, terse: boolean): number | undefined {
  const rates = [
    numberAt(floor.measured, `${terse ? 'twoPerRun' : 'threePerRun'}.messagesPerSecond`),
    numberAt(floor.measured, 'rabbitmq.classic.bothWaysPerSecond'),
    numberAt(floor.measured, 'rabbitmq.quorum.bothWaysPerSecond'),
  ].filter((rate) => rate !== undefined);
  return rates.length === 0 ? undefined : Math.max(...rates);
}

function runsPerSecondOfFloor(result: Compared, floor: Compared | undefined): number | undefined {
  const { terse } = result.parameters;
  const messages = floor === undefined ? undefined : floorOf(floor, terse);
  return messages === undefined ? undefined : messages / MESSAGES_PER_RUN[terse ? 'terse' : 'usual'];
}

function throughput(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'runsPerSecond');
  if (value === undefined || result.workload === 'peers') return [];
  const most = runsPerSecondOfFloor(result, floor);
  const isLimit = result.workload === 'limit' || result.workload === 'w7';
  const peers = isLimit ? bestOfPeers(all, 'runsPerSecond', (rate) => value / rate, Math.max) : {};
  return [comparison(result, 'runsPerSecond', value, most, value / (most ?? 1), peers)];
}

function burstTime(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'allCompletedMs');
  if (value === undefined || result.workload !== 'w2') return [];
  const most = runsPerSecondOfFloor(result, floor);
  const leastMs = most === undefined ? undefined : (result.parameters.jobs / most) * 1_000;
  const same = all.filter(({ parameters }) => parameters.jobs === result.parameters.jobs);
  const peers = bestOfPeers(same, 'allCompletedMs', (time) => time / value, Math.min);
  return [comparison(result, 'allCompletedMs', value, leastMs, value / (leastMs ?? 1), peers)];
}

function lateness(result: Compared, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'latenessMs.p99');
  if (value === undefined || result.workload !== 'w1') return [];
  const same = all.filter(({ parameters }) => parameters.jobs === result.parameters.jobs && parameters.load === 'w1');
  const peers = bestOfPeers(same, 'latenessMs.p99', (time) => time / value, Math.min);
  return [comparison(result, 'latenessMs.p99', value, undefined, undefined, peers)];
}

/** The figure that is worth most on a machine that others use as well. */
function cpu(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, CPU);
  const { workload, parameters } = result;
  if (value === undefined || (workload !== 'w1' && workload !== 'w2')) return [];
  const least = numberAt(floor?.measured, `${parameters.terse ? 'twoPerRun' : 'threePerRun'}.${CPU}`);
  const same = all.filter(({ parameters: { jobs, load } }) => jobs === parameters.jobs && load === workload);
  const peers = bestOfPeers(same, CPU, (ms) => ms / value, Math.min);
  return [comparison(result, CPU, value, least, value / (least ?? 1), peers)];
}

/** One factor for each peer that has the figure, by the best of its own. */
function bestOfPeers(
  results: readonly Compared[],
  figure: string,
  factor: (value: number) => number,
  best: (...values: number[]) => number,
): Record<string, number> {
  const figures = new Map<string, number>();
  for (const { workload, parameters, measured } of results) {
    const value = numberAt(measured, figure);
    if (workload !== 'peers' || value === undefined || value === 0) continue;
    figures.set(parameters.peer, best(value, figures.get(parameters.peer) ?? value));
  }
  return Object.fromEntries([...figures].map(([peer, value]) => [peer, round(factor(value))]));
}

function comparison(
  { workload, parameters }: Compared,
  figure: string,
  value: number,
  floor: number | undefined,
  ofFloor: number | undefined,
  peers: Readonly<Record<string, number>>,
): Comparison {
  const traits = [
    ...(parameters.schedulers > 1 ? [`${parameters.schedulers} schedulers`] : []),
    ...(parameters.terse ? ['terse'] : []),
  ];
  return {
    of: [workload, parameters.jobs, ...traits].join(' '),
    figure,
    value,
    ...(floor === undefined || ofFloor === undefined ? {} : { floor: Math.round(floor), ofFloor: round(ofFloor) }),
    ...(Object.keys(peers).length === 0 ? {} : { timesBetterThan: peers }),
  };
}
