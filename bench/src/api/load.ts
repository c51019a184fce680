import autocannon from 'autocannon';
import { round } from '../latency.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';

export const CONNECTIONS = 50;
/** Code is compiled, connections of the database are open. */
const WARM_UP_SECONDS = 2;

export interface Target {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /**
   * Shared out among the connections, each of which asks for its own in turn: no two ask for the same at the same time,
   * which a server could answer as one.
   */
  readonly paths: readonly string[];
  readonly token?: string;
}

export interface Load {
  readonly perSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Answers with 2xx: all, where nothing is wrong. */
  readonly answered: number;
  readonly refused: number;
  readonly errors: number;
}

export function headersOf({ token }: Target): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** As many requests as are answered. */
export async function load(target: Target, { seconds }: { readonly seconds: number }): Promise<Load> {
  const headers = headersOf(target);
  const requests = target.paths.map((path) => ({ method: target.method, path, headers }));
  let clients = 0;
  const { latency, errors, timeouts, non2xx, duration, ...counts } = await autocannon({
    url: target.url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: requests.slice(0, 1),
    setupClient: (client) => {
      const own = clients++ % CONNECTIONS;
      const share = requests.filter((_, index) => index % CONNECTIONS === own);
      client.setRequests(share.length > 0 ? share : requests);
    },
  });
  const answered = counts['2xx'];
  return {
    perSecond: Math.round(answered / duration),
    latencyMs: { p50: round(latency.p50), p99: round(latency.p99), max: round(latency.max) },
    answered,
    refused: non2xx,
    errors: errors + timeouts,
  };
}

/** Gives how many requests it had answered with 2xx, since those may have changed something. */
export async function warmUp(target: Target, hasty: boolean): Promise<number> {
  return (await load(target, { seconds: hasty ? 1 : WARM_UP_SECONDS })).answered;
}

export interface MeasuredLoad extends Load {
  readonly cpuMsPer1000Requests: Readonly<Record<string, number>>;
}

/** A load with the CPU that 1,000 of its requests cost. */
export async function measured(
  pids: Readonly<Record<string, number | undefined>>,
  work: () => Promise<Load>,
): Promise<MeasuredLoad> {
  const usage = measureUsage(pids);
  const done = await work();
  return { ...done, cpuMsPer1000Requests: cpuOfRuns(usage(), Math.max(1, done.answered)) };
}
