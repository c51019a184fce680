import { readdirSync, readFileSync } from 'node:fs';

/** What Linux knows of a process; undefined elsewhere, or when it has ended. */
export interface Usage {
  /** User and system time since it started, its children's (and theirs) with it: PostgreSQL is a process per connection. */
  readonly cpuMs: number;
  /** Its own, without its children's: they share most of theirs with it. */
  readonly residentMiB: number;
}

const CLOCK_TICK_MS = 10; // USER_HZ is 100 on every architecture that Node runs on
const FIELDS_BEFORE_STATE = 2;
/** utime, stime, cutime and cstime: the latter two are those of children that have ended. */
const TIME_FIELDS = [14, 15, 16, 17] as const;

export function usageOf(pid: number | undefined): Usage | undefined {
  if (pid === undefined) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const residentKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    return { cpuMs: cpuTicksOf(pid) * CLOCK_TICK_MS, residentMiB: Math.round(residentKiB / 1024) };
  } catch {
    return undefined;
  }
}

function cpuTicksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name may hold blanks: counting starts behind its bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = TIME_FIELDS.reduce((sum, field) => sum + Number(fields[field - FIELDS_BEFORE_STATE - 1]), 0);
  return childrenOf(pid).reduce((sum, child) => sum + ticksOfLiving(child), own);
}

/** One that has ended meanwhile is among its parent's ended ones the next time. */
function ticksOfLiving(pid: number): number {
  try {
    return cpuTicksOf(pid);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).flatMap((thread) => childrenOfThread(`${folder}/${thread}/children`));
}

function childrenOfThread(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // the thread has ended
  }
}

export interface Share {
  /** Of one core, in percent. */
  readonly cpuPercent: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
}

/** Begins to measure these processes; the answer is about the time until it is called. */
export function measureUsage(pids: Readonly<Record<string, number | undefined>>): () => Record<string, Share> {
  const startedAt = performance.now();
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, usageOf(pid)] as const);
  return () => {
    const elapsedMs = performance.now() - startedAt;
    const shares: Record<string, Share> = {};
    for (const [name, pid, earlier] of before) {
      const later = usageOf(pid);
      if (earlier === undefined || later === undefined) continue;
      const cpuMs = later.cpuMs - earlier.cpuMs;
      const cpuPercent = Math.round((cpuMs / elapsedMs) * 1_000) / 10;
      shares[name] = { cpuPercent, cpuMs, residentMiB: later.residentMiB };
    }
    return shares;
  };
}

/** Begins to measure this process alone: its children are what it measures. */
export function measureOwnCpu(): () => { readonly cpuMs: number } {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { cpuMs: (user + system) / 1_000 };
  };
}

/**
 * What a run (or a request) costs, by process and in all: milliseconds of CPU per 1,000 of them. Unlike times it stays much the same on a
 * machine that others use as well. Unknown processes (servers that are not ours) are left out.
 */
export function cpuOfRuns(
  shares: Readonly<Record<string, Pick<Share, 'cpuMs'>>>,
  runs: number,
): Record<string, number> {
  const each = Object.entries(shares).map(([name, { cpuMs }]) => [name, cpuMs] as const);
  const all = each.reduce((sum, [, cpuMs]) => sum + cpuMs, 0);
  return Object.fromEntries(
    [...each, ['all', all] as const].map(([name, ms]) => [name, Math.round((ms / runs) * 1_000)]),
  );
}
