// W5: what a scheduler weighs that holds jobs which are not due, and how soon a fresh one holds them.
import { setTimeout as sleep } from 'node:timers/promises';
import { install } from '../installation.ts';
import { addJobs, jobName } from '../jobs.ts';
import { rate, round } from '../latency.ts';
import type { ServiceProcess } from '../service-process.ts';
import { measureUsage, usageOf } from '../usage.ts';
import { complaintsOf, queueOf, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

const SETTLE_MS = 10_000;
const IDLE_MS = 10_000;
const DAY_MS = 86_400_000;

export const weight: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs } = parameters;
  await using installation = await install(servers, profileFolder);
  const [empty] = await installation.startSchedulers(1);
  await sleep(SETTLE_MS);
  const without = usageOf(empty?.pid);
  await installation.stopServices();

  say(`adding ${jobs} jobs`);
  const addedAt = performance.now();
  const dueAt = Date.now() + DAY_MS;
  await addJobs(installation.store, jobs, (index) => ({
    name: jobName(index),
    interval: DAY_MS,
    nextRunAt: new Date(dueAt + index).toISOString(),
    ...queueOf(parameters),
  }));
  const addedMs = performance.now() - addedAt;

  const [full] = (await installation.startSchedulers(1)) as [ServiceProcess];
  const heldMs = full.readyMs + (await untilHeld([full], jobs));
  const justHeld = usageOf(full.pid);
  await sleep(SETTLE_MS);
  const usage = measureUsage({ scheduler: full.pid });
  await sleep(IDLE_MS);
  const idle = usage()['scheduler'];
  return {
    residentMiB: { without: without?.residentMiB, whenTaken: justHeld?.residentMiB, idle: idle?.residentMiB },
    idleCpuPercent: idle?.cpuPercent,
    readyMs: full.readyMs,
    /** From the start of its process. */
    allHeldMs: round(heldMs, 0),
    addedPerSecond: rate(jobs, addedMs),
    complaints: complaintsOf(installation),
  };
};
