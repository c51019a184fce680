// The work of w2 by a peer: twice in the same process, as ours, and the figures are those of the second time.
import { waitFor } from '@simple-scheduler/testkit';
import { distribution, rate, round } from '../latency.ts';
import { tallyOf } from '../peer-tally.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import { inShort } from '../workloads/burst.ts';
import { checkInTime } from '../workloads/start-up.ts';
import type { Measurement, Workload, WorkloadContext } from '../workloads/workload.ts';
import { addingMs, openPeer, type StartedPeer } from './start.ts';
import { tasksOfBurst } from './tasks.ts';

/** Before the moment: the counters are read first. */
const COUNTING_MS = 50;
const TIME_LIMIT_MS = 300_000;
const LEAST_COUNT_INTERVAL_MS = 10;

export const peerBurst: Workload = async (context) => {
  const { jobs } = context.parameters;
  await using peer = await openPeer(context);
  const first = await measureBurst(context, peer, 0);
  return { ...(await measureBurst(context, peer, jobs)), first: inShort(first) };
};

async function measureBurst(
  { parameters, say }: WorkloadContext,
  { process, pids }: StartedPeer,
  firstIndex: number,
): Promise<Measurement> {
  const { jobs, peer } = parameters;
  const dueAt = Date.now() + addingMs(parameters);
  await process.add(tasksOfBurst(jobs, { dueAt, firstIndex }));
  if (firstIndex === 0) await process.start();
  checkInTime(dueAt, parameters);
  say(`${peer} holds its tasks`);
  await sleepUntil(dueAt - COUNTING_MS);
  const usage = measureUsage(pids);
  const all = firstIndex + jobs;
  await waitFor(() => process.received >= all, { timeoutMs: TIME_LIMIT_MS, message: 'every task to be received' });
  await waitFor(async () => (await process.countDone()) >= all, {
    timeoutMs: TIME_LIMIT_MS,
    // To count costs some servers a look at every task: as seldom as a hundredth of the time allows.
    intervalMs: Math.max(LEAST_COUNT_INTERVAL_MS, (Date.now() - dueAt) / 100),
    message: 'every task to be done',
  });
  const completedAt = Date.now();
  const shares = usage();
  const { lateness, ticks } = tallyOf(await process.executions(), { expected: jobs, from: dueAt, to: dueAt + 1 });
  const receivedMs = lateness.reduce((last, one) => Math.max(last, one), 0);
  return {
    allReceivedMs: round(receivedMs, 0),
    allCompletedMs: completedAt - dueAt,
    completedPerSecond: rate(jobs, completedAt - dueAt),
    latenessMs: distribution(lateness),
    ticks,
    usage: shares,
    cpuMsPer1000Runs: cpuOfRuns(shares, jobs),
  };
}
