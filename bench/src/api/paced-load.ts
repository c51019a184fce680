import { waitFor } from '@simple-scheduler/testkit';
import { type Dispatcher, Pool } from 'undici';
import { distribution, rate } from '../latency.ts';
import { CONNECTIONS, headersOf, type Load, type Target } from './load.ts';

const TIME_LIMIT_MS = 10_000;
/** Goes before: connections are opened then, and this side's code is compiled. Its requests count, but not their latency. */
const LEAD_IN_MS = 1_000;

/**
 * Requests at even distances, whatever becomes of those before. Their latency counts from when each was due: one that had to
 * wait for others, or for this process, is not taken for a quick one. (autocannon sends what is due in a second at its
 * beginning, as fast as it can: half of a load is the whole of it then, for half of the time.)
 */
export async function pacedLoad(
  target: Target,
  { seconds, ratePerSecond }: { readonly seconds: number; readonly ratePerSecond: number },
): Promise<Load> {
  const pool = new Pool(target.url, {
    connections: CONNECTIONS,
    headersTimeout: TIME_LIMIT_MS,
    bodyTimeout: TIME_LIMIT_MS,
  });
  const send = sender(target, pool);
  const startedAt = performance.now();
  const measuredFrom = startedAt + LEAD_IN_MS;
  // Numbers only: a collection of garbage that has to go through what was kept of each request would show as latency.
  const latenciesMs: number[] = [];
  const counts: Record<Outcome, number> = { answered: 0, refused: 0, error: 0 };
  let sent = 0;
  let settled = 0;
  const sendAt = (dueAt: number): void =>
    send((outcome) => {
      settled += 1;
      counts[outcome] += 1;
      if (outcome === 'answered' && dueAt >= measuredFrom) latenciesMs.push(performance.now() - dueAt);
    });
  for (const endsAt = measuredFrom + seconds * 1_000; performance.now() < endsAt; ) {
    const due = Math.floor(((performance.now() - startedAt) * ratePerSecond) / 1_000);
    for (; sent <= due; sent += 1) sendAt(startedAt + (sent * 1_000) / ratePerSecond);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await waitFor(async () => settled === sent, { timeoutMs: 2 * TIME_LIMIT_MS, message: 'the last answers' });
  const perSecond = rate(counts.answered, performance.now() - startedAt);
  await pool.destroy();
  const { p50 = 0, p99 = 0, max = 0 } = distribution(latenciesMs) ?? {};
  const { answered, refused, error: errors } = counts;
  return { perSecond, latencyMs: { p50, p99, max }, answered, refused, errors };
}

type Outcome = 'answered' | 'refused' | 'error';

function sender(target: Target, pool: Pool): (settle: (outcome: Outcome) => void) => void {
  const { method } = target;
  const headers = headersOf(target);
  let next = 0;
  return (settle) => {
    const path = target.paths[next++ % target.paths.length] ?? '/';
    let outcome: Outcome = 'refused';
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, status) => {
        if (status >= 200 && status < 300) outcome = 'answered';
      },
      onResponseData: () => {},
      onResponseEnd: () => settle(outcome),
      onResponseError: () => settle('error'),
    };
    pool.dispatch({ path, method, headers }, handler);
  };
}
