import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison } from './comparison.ts';
import type { HotSpots } from './profile.ts';
import type { Machine } from './machine.ts';
import type { Plan } from './parameters.ts';
import type { Measurement } from './workloads/workload.ts';

/** One line of output, and one file. */
export interface Result extends Plan {
  /** RFC 3339. */
  readonly startedAt: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the machine: the load in the minute before, and in the last one of the measurement (its own, and others'). */
  readonly machine: Machine & { readonly load: number; readonly loadAfter: number };
  readonly measured: Measurement;
  /** What must not be; none where all is well. */
  readonly faults: readonly string[];
  readonly hotSpots?: readonly HotSpots[];
}

/** Writes `<date>-<workload>-<size>.json`; a later run of the same day replaces it. Gives the file's path. */
export async function keep(result: Result, folder: string): Promise<string> {
  const { workload, parameters, startedAt } = result;
  const traits = [
    ...(parameters.schedulers > 1 ? [`${parameters.schedulers}-schedulers`] : []),
    ...(isSharedW1(result) ? ['shared'] : []),
    ...(workload === 'w3' ? [parameters.signal.toLowerCase()] : []),
    ...(workload === 'peers' ? [parameters.peer, parameters.load] : []),
    ...(parameters.aligned ? ['aligned'] : []),
    ...(parameters.terse ? ['terse'] : []),
    ...(parameters.wiredTiger === '' ? [] : ['tuned']),
    ...(result.hotSpots === undefined ? [] : ['profiled']),
  ];
  const name = [startedAt.slice(0, 10), workload, parameters.jobs, ...traits].join('-');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

/** The figures that one compares, a row per result, for people. */
export function tableOf(results: readonly Result[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    results.map(({ workload, parameters, machine, measured }) => [
      titleOf({ workload, parameters }),
      { load: machine.load, ...flat(measured) },
    ]),
  );
}

/** Elsewhere each workload has one kind of topology. */
const isSharedW1 = ({ workload, parameters }: Plan): boolean => workload === 'w1' && parameters.topology === 'shared';

/** What the result of one plan is called among those of one run. */
export function titleOf({ workload, parameters }: Plan): string {
  const { jobs, schedulers, terse, aligned, signal, peer, load } = parameters;
  const traits = [
    ...(workload === 'peers' ? [peer, load] : []),
    ...(workload === 'w3' ? [signal] : []),
    ...(schedulers > 1 && workload !== 'w3' ? [`${schedulers} schedulers`] : []),
    ...(isSharedW1({ workload, parameters }) ? ['shared'] : []),
    ...(aligned ? ['aligned'] : []),
    ...(terse ? ['terse'] : []),
  ];
  return [workload, jobs, ...traits].join(' ');
}

/** Writes what was compared in one run beside its results. */
export async function keepComparison(comparisons: readonly Comparison[], folder: string): Promise<string> {
  const file = join(folder, `${new Date().toISOString().slice(0, 10)}-comparison.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(comparisons, null, 2)}\n`);
  return file;
}

const SHOWN =
  /^((latenessMs|silenceMs)\.(p50|p99|max)|ticks\.(missed|doubled)|runsPerSecond|(first\.)?all\w+Ms|soonestServedMs|(gap|bound|stopped)Ms|completedPerSecond|residentMiB\.\w+|idleCpuPercent|usage\.[\w-]+\.cpuPercent|(\w+\.)?cpuMsPer1000Runs\.all|processor\.(pieceMs\.(p50|p99|max)|slowPercent)|rabbitmq\.\w+\.both\w+|\w+PerRun\.messages\w+|mongodb\.\w+|\w+\.ofBare(Alike)?|\w+\.(full|half|bare|bareAlike)\.(perSecond|latencyMs\.p99))$/;

function flat(measured: Measurement): Record<string, unknown> {
  const cells: Record<string, unknown> = {};
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key]);
    else if (SHOWN.test(path.join('.'))) cells[path.join(' ')] = value;
  };
  visit(measured, []);
  return cells;
}
