// The work of w1 by a peer. What it repeats for itself it repeats; else the ticks are once tasks, added beforehand.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Distribution, distribution, rate } from '../latency.ts';
import type { TickCount } from '../ledger.ts';
import { type Parameters, repeats } from '../parameters.ts';
import { tallyOf, type TaskWindow } from '../peer-tally.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import { checkInTime } from '../workloads/start-up.ts';
import type { WorkloadContext } from '../workloads/workload.ts';
import { addingMs, openPeer } from './start.ts';
import { INTERVAL_MS, tasksOfIntervals, WARM_UP_MS } from './tasks.ts';

const DRAIN_MS = 5_000;

export interface PeerPunctuality extends Readonly<Record<string, unknown>> {
  readonly latenessMs: Distribution | undefined;
  readonly ticks: TickCount;
  readonly runsPerSecond: number;
}

export async function peerPunctuality(context: WorkloadContext): Promise<PeerPunctuality> {
  const { parameters, say } = context;
  await using started = await openPeer(context);
  const { process, pids } = started;
  const firstAt = Date.now() + addingMs(parameters);
  await process.add(tasksOfIntervals(parameters, firstAt));
  await process.start();
  checkInTime(firstAt, parameters);
  say(`${parameters.peer} holds its tasks`);
  const window = windowOf(parameters, firstAt);
  await sleepUntil(window.from);
  const usage = measureUsage(pids);
  await sleepUntil(window.to);
  const shares = usage();
  await sleep(parameters.hasty ? INTERVAL_MS : DRAIN_MS);
  const { lateness, ticks, receivedInWindow } = tallyOf(await process.executions(), window);
  return {
    latenessMs: distribution(lateness),
    ticks,
    runsPerSecond: rate(receivedInWindow, window.to - window.from),
    /** False: its ticks were once tasks, added beforehand. */
    repeats: repeats(parameters),
    usage: shares,
    cpuMsPer1000Runs: cpuOfRuns(shares, Math.max(1, receivedInWindow)),
  };
}

function windowOf(parameters: Parameters, firstAt: number): TaskWindow {
  const from = firstAt + WARM_UP_MS;
  return { expected: parameters.jobs * parameters.seconds, from, to: from + parameters.seconds * INTERVAL_MS };
}
