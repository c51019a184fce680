import { cpuOfFloors, type FloorName, type Floors, mapFloors, runsPerSecondOfFloors } from './floors.ts';
import { round } from './latency.ts';
import { type Result, titleOf } from './report.ts';
import { numberAt } from './values.ts';

/** A figure beside what it is measured against, of the same run. */
export interface Comparison {
  readonly of: string;
  readonly figure: string;
  readonly value: number;
  /** What the parts can do by themselves, each way. */
  readonly floors?: Readonly<Partial<Record<FloorName, BesideFloor>>>;
  /** For each peer: how many times more runs, sooner, less late, or less CPU. */
  readonly timesBetterThan?: Readonly<Record<string, number>>;
}

export interface BesideFloor {
  readonly floor: number;
  /** Rates: a share of the floor. Times and CPU: how many times the floor. */
  readonly ofFloor: number;
}

type Compared = Pick<Result, 'workload' | 'parameters' | 'measured'>;

const CPU = 'cpuMsPer1000Runs.all';

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

/** A comparison in one line, for people: of the floors the first stands with its value, of the others only the share. */
export function rowOf({ floors = {}, timesBetterThan, ...figure }: Comparison): Record<string, unknown> {
  const { sameMessages, classic, quorum, parts } = floors;
  return {
    ...figure,
    ...sameMessages,
    ...(classic === undefined ? {} : { ofClassic: classic.ofFloor }),
    ...(quorum === undefined ? {} : { ofQuorum: quorum.ofFloor }),
    ...(parts === undefined ? {} : { ofParts: parts.ofFloor }),
    ...timesBetterThan,
  };
}

function throughput(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'runsPerSecond');
  if (value === undefined || result.workload === 'peers') return [];
  const floors = runsPerSecondOfFloors(floor, result.parameters.terse);
  const isLimit = result.workload === 'limit' || result.workload === 'w7';
  const limits = isLimit ? all.filter(({ parameters }) => parameters.load === 'limit') : [];
  const peers = bestOfPeers(limits, 'runsPerSecond', (rate) => value / rate, Math.max);
  return [comparison(result, { figure: 'runsPerSecond', value, floors, peers })];
}

function burstTime(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'allCompletedMs');
  if (value === undefined || result.workload !== 'w2') return [];
  const { jobs, terse } = result.parameters;
  const rates = runsPerSecondOfFloors(floor, terse);
  const floors = mapFloors((name) => (rates[name] === undefined ? undefined : (jobs / rates[name]) * 1_000));
  const same = all.filter(({ parameters }) => parameters.jobs === jobs);
  const peers = bestOfPeers(same, 'allCompletedMs', (time) => time / value, Math.min);
  return [comparison(result, { figure: 'allCompletedMs', value, floors, peers })];
}

function lateness(result: Compared, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, 'latenessMs.p99');
  if (value === undefined || result.workload !== 'w1') return [];
  const same = all.filter(({ parameters }) => parameters.jobs === result.parameters.jobs && parameters.load === 'w1');
  const peers = bestOfPeers(same, 'latenessMs.p99', (time) => time / value, Math.min);
  return [comparison(result, { figure: 'latenessMs.p99', value, floors: {}, peers })];
}

/** The figure that is worth most on a machine that others use as well. */
function cpu(result: Compared, floor: Compared | undefined, all: readonly Compared[]): Comparison[] {
  const value = numberAt(result.measured, CPU);
  const { workload, parameters } = result;
  if (value === undefined || (workload !== 'w1' && workload !== 'w2')) return [];
  const floors = cpuOfFloors(floor, parameters.terse);
  const same = all.filter(({ parameters: { jobs, load } }) => jobs === parameters.jobs && load === workload);
  const peers = bestOfPeers(same, CPU, (ms) => ms / value, Math.min);
  return [comparison(result, { figure: CPU, value, floors, peers })];
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

interface Beside {
  readonly figure: string;
  readonly value: number;
  readonly floors: Floors;
  readonly peers: Readonly<Record<string, number>>;
}

function comparison(result: Compared, { figure, value, floors, peers }: Beside): Comparison {
  const beside = mapFloors((name): BesideFloor | undefined => {
    const floor = floors[name];
    return floor === undefined ? undefined : { floor: Math.round(floor), ofFloor: round(value / floor) };
  });
  return {
    of: titleOf(result),
    figure,
    value,
    ...(Object.keys(beside).length === 0 ? {} : { floors: beside }),
    ...(Object.keys(peers).length === 0 ? {} : { timesBetterThan: peers }),
  };
}
