// W5: what a scheduler weighs that holds jobs which are not due, how soon a fresh one serves the soonest and all of them, and how soon
// they are free when it stops.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@simple-scheduler/testkit';
import { install, type Installation } from '../installation.ts';
import { addJobs } from '../jobs.ts';
import { round } from '../latency.ts';
import { seedJobs } from '../seeding.ts';
import type { ServiceProcess } from '../service-process.ts';
import { measureUsage, usageOf } from '../usage.ts';
import { complaintsOf, queueOf, startWorkerFor, untilHeld } from './start-up.ts';
import type { Workload } from './workload.ts';

/** V8 gives memory back after two quiet looks, 8 s apart. */
const SETTLE_MS = { usual: 20_000, hasty: 200 } as const;
const IDLE_MS = { usual: 20_000, hasty: 500 } as const;
const DAY_MS = 86_400_000;
/** Idle jobs are no new ones: schedulers read what was edited in the last minutes several times. */
const EDITED_BEFORE_MS = 3_600_000;
const TIME_LIMIT_MS = 120_000;
const COUNT_EVERY_MS = 1_000;

export const weight: Workload = async ({ servers, parameters, profileFolder, say }) => {
  const { jobs } = parameters;
  const pace = parameters.hasty ? 'hasty' : 'usual';
  await using installation = await install(servers, profileFolder);
  await using worker = await startWorkerFor({ ...parameters, topology: 'shared' }, installation.amqpUrl);
  say(`adding ${jobs} jobs`);
  const dueAt = Date.now() + DAY_MS;
  await seedJobs(installation, servers.mongodb.url, {
    count: jobs,
    template: { interval: DAY_MS, nextRunAt: new Date(dueAt).toISOString(), ...queueOf(parameters) },
    dueAt: (index) => dueAt + index,
    editedAt: Date.now() - EDITED_BEFORE_MS,
  });
  // One that is overdue when the scheduler starts: the soonest.
  await addJobs(installation.store, 1, () => ({
    name: 'soonest',
    nextRunAt: new Date(Date.now() - 1_000).toISOString(),
    ...queueOf({ ...parameters, topology: 'shared' }),
  }));

  const spawnedAt = performance.timeOrigin + performance.now();
  const [full] = (await installation.startSchedulers(1)) as [ServiceProcess];
  const [heldMs] = await Promise.all([
    untilHeld([full], jobs),
    waitFor(() => worker.received >= 1, { timeoutMs: TIME_LIMIT_MS, message: 'the soonest job to run' }),
  ]);
  const justHeld = usageOf(full.pid);
  const [soonest] = await worker.receipts();
  await sleep(SETTLE_MS[pace]);
  const usage = measureUsage({ scheduler: full.pid, mongodb: servers.mongodb.pid });
  await sleep(IDLE_MS[pace]);
  const idle = usage();
  say('stopping the scheduler');
  const given = await givingBack(installation, full);
  return {
    residentMiB: { whenHeld: justHeld?.residentMiB, idle: idle['scheduler']?.residentMiB },
    idleCpuPercent: idle['scheduler']?.cpuPercent,
    idleMongodbCpuPercent: idle['mongodb']?.cpuPercent,
    readyMs: full.readyMs,
    /** From the start of its process: until the soonest job's run reached the worker, until it holds every job. */
    soonestServedMs: round((soonest?.receivedAt ?? Number.NaN) - spawnedAt, 0),
    allHeldMs: round(full.readyMs + heldMs, 0),
    ...given,
    complaints: complaintsOf(installation),
  };
};

/** From SIGTERM, beside a custodian: until the process has ended, until the first jobs are free, and until all are. */
async function givingBack(installation: Installation, scheduler: ServiceProcess): Promise<object> {
  await installation.startCustodian();
  const { store } = installation;
  const { total } = await store.countTakeable();
  const startedAt = performance.now();
  const sinceThen = (): number => round(performance.now() - startedAt, 0);
  const options = { timeoutMs: TIME_LIMIT_MS, message: 'the jobs to be free' };
  const [stoppedMs, someFreeMs] = await Promise.all([
    scheduler.stop().then(sinceThen),
    waitFor(() => store.anyFree(), options).then(sinceThen),
  ]);
  // Counting takes the database longer the more there are: seldom, and not while the scheduler gives back.
  const areAllFree = async (): Promise<boolean> => (await store.countTakeable()).free >= total;
  const allFreeMs = await waitFor(areAllFree, { ...options, intervalMs: COUNT_EVERY_MS }).then(sinceThen);
  return { stoppedMs, someFreeMs, allFreeMs };
}
