import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { round } from './latency.ts';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where the time of one process went, shares of its busy time in percent, largest first. */
export interface HotSpots {
  readonly process: string;
  readonly busyMs: number;
  /** Libraries and packages of ours; what Node does for one of them counts as its own. */
  readonly modules: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, number>>;
}

const MODULES = 12;
const FUNCTIONS = 25;
const IDLE = '(idle)';

/** One summary for each profile in the folder. */
export function hotSpots(folder: string): HotSpots[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .toSorted()
    .map((file) => summarize(basename(file, '.cpuprofile'), readFileSync(join(folder, file), 'utf8')));
}

function summarize(process: string, text: string): HotSpots {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const owners = new Map<number, string>();
  const ownerOf = (id: number): string => {
    const known = owners.get(id);
    if (known !== undefined) return known;
    const parent = parents.get(id);
    const frame = frames.get(id);
    const isEngine = frame?.url === '' && frame.functionName.startsWith('(') && frame.functionName !== '(root)';
    const owner = isEngine
      ? frame.functionName
      : (moduleOf(frame?.url ?? '') ?? (parent === undefined ? 'node' : ownerOf(parent)));
    owners.set(id, owner);
    return owner;
  };
  const [functions, modules] = [new Map<string, number>(), new Map<string, number>()];
  let busyUs = 0;
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    const spentUs = timeDeltas[index] ?? 0;
    if (frame === undefined || frame.functionName === IDLE) return;
    busyUs += spentUs;
    const owner = ownerOf(id);
    const where = frame.url === '' ? '' : ` ${basename(frame.url)}:${frame.lineNumber + 1}`;
    add(modules, owner, spentUs);
    add(functions, `${frame.functionName || '(anonymous)'}${where} [${owner}]`, spentUs);
  });
  return {
    process,
    busyMs: Math.round(busyUs / 1_000),
    modules: largest(modules, busyUs, MODULES),
    functions: largest(functions, busyUs, FUNCTIONS),
  };
}

/** A library's name, or the folder of a package of ours; undefined for Node's own. */
function moduleOf(url: string): string | undefined {
  if (url === '' || url.startsWith('node:')) return undefined;
  const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return library ?? /\/((?:packages|services)\/[^/]+)\//.exec(url)?.[1] ?? url;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function largest(sums: ReadonlyMap<string, number>, total: number, count: number): Record<string, number> {
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a).slice(0, count);
  return Object.fromEntries(sorted.map(([key, value]) => [key, round((value / total) * 100, 1)]));
}
