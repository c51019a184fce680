// The work of w1 and of w2, done by another scheduler on its own server. It schedules and works in one process, with nothing
// in between; lateness counts to its handler. What it repeats for itself in w1 it repeats; else w1's ticks are once tasks.
import { setTimeout as sleep } from 'node:timers/promises';
import { type PeerProcess, peerVersion, SERVER_OF, startPeer, type Tasks } from '@simple-scheduler/bench-peers';
import { freshDatabase, waitFor } from '@simple-scheduler/testkit';
import { jobName } from '../jobs.ts';
import { distribution, rate, round } from '../latency.ts';
import { type Parameters, repeats } from '../parameters.ts';
import { tallyOf, type TaskWindow } from '../peer-tally.ts';
import { sleepUntil } from '../sleep-until.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import { checkInTime, preparationMs } from './start-up.ts';
import type { Measurement, Workload, WorkloadContext } from './workload.ts';

const INTERVAL_MS = 1_000;
const WARM_UP_MS = 3_000;
/** Before the moment: the counters are read first. */
const COUNTING_MS = 50;
const DRAIN_MS = 5_000;
const TIME_LIMIT_MS = 300_000;
/** Agenda adds one job at a time: so many times longer. */
const ADDED_SINGLY = 4;

export const peers: Workload = async (context) => {
  const { servers, parameters, say } = context;
  const { peer, load } = parameters;
  const server = await servers.peerServer(SERVER_OF[peer]);
  await using process = await startPeer(peer, { url: server.url, space: freshDatabase() });
  const firstAt =
    Date.now() + preparationMs({ ...parameters, jobs: tasksIn(parameters) * (peer === 'agenda' ? ADDED_SINGLY : 1) });
  await process.add(tasksOf(parameters, firstAt));
  await process.start();
  checkInTime(firstAt, parameters);
  say(`${peer} holds its tasks`);
  const pids = { [peer]: process.pid, [SERVER_OF[peer]]: server.pid };
  const measured = await (load === 'w2' ? burst : punctuality)(context, { process, firstAt, pids });
  return { version: peerVersion(peer), serverVersion: server.version, ...measured };
};

interface Started {
  readonly process: PeerProcess;
  readonly firstAt: number;
  readonly pids: Readonly<Record<string, number | undefined>>;
}

async function burst(
  { parameters: { jobs } }: WorkloadContext,
  { process, firstAt, pids }: Started,
): Promise<Measurement> {
  await sleepUntil(firstAt - COUNTING_MS);
  const usage = measureUsage(pids);
  await waitFor(() => process.received >= jobs, { timeoutMs: TIME_LIMIT_MS, message: 'every task to be received' });
  await waitFor(async () => (await process.countDone()) >= jobs, {
    timeoutMs: TIME_LIMIT_MS,
    intervalMs: 10,
    message: 'every task to be done',
  });
  const completedAt = Date.now();
  const shares = usage();
  const { lateness, ticks } = tallyOf(await process.executions(), { expected: jobs, from: firstAt, to: firstAt + 1 });
  const receivedMs = lateness.reduce((last, one) => Math.max(last, one), 0);
  return {
    allReceivedMs: round(receivedMs, 0),
    allCompletedMs: completedAt - firstAt,
    completedPerSecond: rate(jobs, completedAt - firstAt),
    latenessMs: distribution(lateness),
    ticks,
    usage: shares,
    cpuMsPer1000Runs: cpuOfRuns(shares, jobs),
  };
}

async function punctuality({ parameters }: WorkloadContext, { process, firstAt, pids }: Started): Promise<Measurement> {
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

function tasksIn(parameters: Parameters): number {
  const ticks = parameters.seconds + WARM_UP_MS / INTERVAL_MS;
  return parameters.load === 'w2' || repeats(parameters) ? parameters.jobs : parameters.jobs * ticks;
}

function tasksOf(parameters: Parameters, firstAt: number): Tasks {
  const { jobs, load } = parameters;
  const indexes = Array.from({ length: jobs }, (_, index) => index);
  const phase = (index: number): number => Math.floor((index / jobs) * INTERVAL_MS);
  if (load === 'w2') return { kind: 'once', tasks: indexes.map((index) => ({ name: jobName(index), dueAt: firstAt })) };
  if (repeats(parameters)) {
    const intervalMs = INTERVAL_MS;
    const tasks = indexes.map((index) => ({ name: jobName(index), firstAt: firstAt + phase(index), intervalMs }));
    return { kind: 'repeated', tasks };
  }
  const seconds = Array.from({ length: tasksIn(parameters) / jobs }, (_, second) => second);
  const tasks = seconds.flatMap((second) =>
    indexes.map((index) => ({ name: jobName(index), dueAt: firstAt + second * INTERVAL_MS + phase(index) })),
  );
  return { kind: 'once', tasks };
}
