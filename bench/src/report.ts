import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from './arguments.ts';
import type { HotSpots } from './profile.ts';
import type { Machine } from './machine.ts';
import type { Measurement } from './workloads/workload.ts';

/** One line of output, and one file. */
export interface Result extends Plan {
  /** RFC 3339. */
  readonly startedAt: string;
  readonly versions: Readonly<Record<string, string>>;
  /** `load`: of the machine in the minute before. */
  readonly machine: Machine & { readonly load: number };
  readonly measured: Measurement;
  readonly hotSpots?: readonly HotSpots[];
}

/** Writes `<date>-<workload>-<size>.json`; a later run of the same day replaces it. Gives the file's path. */
export async function keep(result: Result, folder: string): Promise<string> {
  const { workload, parameters, startedAt } = result;
  const traits = [
    ...(parameters.schedulers > 1 ? [`${parameters.schedulers}-schedulers`] : []),
    ...(workload === 'w1' && parameters.topology === 'shared' ? ['shared'] : []),
    ...(parameters.aligned ? ['aligned'] : []),
    ...(parameters.terse ? ['terse'] : []),
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
      `${workload} ${parameters.jobs}`,
      { load: machine.load, ...flat(measured) },
    ]),
  );
}

const SHOWN =
  /^(latenessMs\.(p50|p99|max)|ticks\.(missed|doubled)|runsPerSecond|all\w+Ms|completedPerSecond|residentMiB\.\w+|idleCpuPercent|usage\.[\w-]+\.cpuPercent|rabbitmq\.\w+\.both\w+|mongodb\.\w+)$/;

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
