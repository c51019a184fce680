// W6: reads and writes of the API per second, authentication on, beside a bare fastify that sends the same bodies, and one that
// sends the same headers too; and how long they take at half of that load.
import { topologyFor } from '@simple-scheduler/contracts';
import { connect } from 'amqplib';
import { type BareAnswer, type BareServer, startBareServer } from '../api/bare-server.ts';
import { openIssuer } from '../api/issuer.ts';
import { type Load, load, type Target, warmUp } from '../api/load.ts';
import { pacedLoad } from '../api/paced-load.ts';
import { install, type Installation } from '../installation.ts';
import { round } from '../latency.ts';
import { seedJobs, seedRuns } from '../seeding.ts';
import { cpuOfRuns, measureUsage } from '../usage.ts';
import { complaintsOf, queueOf } from './start-up.ts';
import type { Workload, WorkloadContext } from './workload.ts';

const DAY_MS = 86_400_000;
/** Different records that are asked for: enough that it is not one that stays at hand. */
const DIFFERENT = 500;

export const api: Workload = async (context) => {
  const { servers, parameters, profileFolder, say } = context;
  await using installation = await install(servers, profileFolder);
  await using issuer = await openIssuer();
  say(`adding ${parameters.jobs} jobs and ${parameters.runs} runs`);
  const { jobPaths, runPaths } = await fill(installation, context);
  const { apiUrl = '', pid } = await installation.startApi({ ...issuer.settings, API_URL: '127.0.0.1:0' });
  const url = new URL(apiUrl).origin;
  const reads = {
    job: { route: '/api/jobs/:name', paths: jobPaths },
    run: { route: '/api/runs/:id', paths: runPaths },
  } as const;
  const answers: Record<string, BareAnswer> = {};
  for (const { route, paths } of Object.values(reads)) answers[route] = await answerOf(url + paths[0], issuer.token);

  await using bare = await startBareServer(withoutHeaders(answers));
  await using bareAlike = await startBareServer(answers);
  const { seconds, hasty } = parameters;
  const figures: Record<string, unknown> = {};
  for (const [name, { route, paths }] of Object.entries(reads)) {
    say(`reading ${name}`);
    const target: Target = { url, method: 'GET', paths, token: issuer.token };
    await warmUp(target, hasty);
    const full = await measured({ api: pid, mongodb: servers.mongodb.pid }, () => load(target, { seconds }));
    const half = await pacedLoad(target, { seconds, ratePerSecond: full.perSecond / 2 });
    // The same requests, byte for byte.
    const floorOf = async (server: BareServer): Promise<MeasuredLoad> => {
      await warmUp({ ...target, url: server.url }, hasty);
      return measured({ bare: server.pid }, () => load({ ...target, url: server.url }, { seconds }));
    };
    const [floor, floorAlike] = [await floorOf(bare), await floorOf(bareAlike)];
    figures[name] = {
      bytes: Buffer.byteLength(answers[route]?.body ?? ''),
      full,
      half,
      bare: floor,
      ofBare: round(full.perSecond / floor.perSecond),
      bareAlike: floorAlike,
      ofBareAlike: round(full.perSecond / floorAlike.perSecond),
    };
  }
  say('running now');
  figures['runNow'] = await runNow(installation, context, {
    url,
    method: 'POST',
    paths: jobPaths.map((path) => `${path}/run`),
    token: issuer.token,
  });
  return { ...figures, complaints: complaintsOf(installation) };
};

interface MeasuredLoad extends Load {
  readonly cpuMsPer1000Requests: Readonly<Record<string, number>>;
}

/** A load with the CPU that 1,000 of its requests cost. */
async function measured(
  pids: Readonly<Record<string, number | undefined>>,
  work: () => Promise<Load>,
): Promise<MeasuredLoad> {
  const usage = measureUsage(pids);
  const done = await work();
  return { ...done, cpuMsPer1000Requests: cpuOfRuns(usage(), Math.max(1, done.answered)) };
}

async function fill(
  installation: Installation,
  { servers, parameters }: WorkloadContext,
): Promise<{ jobPaths: string[]; runPaths: string[] }> {
  const dueAt = Date.now() + DAY_MS;
  const jobs = await seedJobs(installation, servers.mongodb.url, {
    count: parameters.jobs,
    template: {
      interval: DAY_MS,
      nextRunAt: new Date(dueAt).toISOString(),
      allowConcurrentRuns: true,
      ...queueOf(parameters),
    },
    dueAt: (index) => dueAt + index,
  });
  const runIds = await seedRuns(installation, servers.mongodb.url, { jobs, count: parameters.runs });
  return {
    jobPaths: spread(jobs).map(({ name }) => `/api/jobs/${name}`),
    runPaths: spread(runIds).map((id) => `/api/runs/${id}`),
  };
}

/** Some of them, from everywhere. */
function spread<T>(all: readonly T[]): T[] {
  const step = Math.max(1, Math.floor(all.length / DIFFERENT));
  return all.filter((_, index) => index % step === 0).slice(0, DIFFERENT);
}

/** What the framework makes anew for each answer. */
const OF_FRAMEWORK: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
]);

async function answerOf(url: string, token: string): Promise<BareAnswer> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} was answered by ${response.status}: ${body}`);
  return { body, headers: Object.fromEntries([...response.headers].filter(([name]) => !OF_FRAMEWORK.has(name))) };
}

function withoutHeaders(answers: Readonly<Record<string, BareAnswer>>): Record<string, BareAnswer> {
  return Object.fromEntries(Object.entries(answers).map(([route, { body }]) => [route, { body, headers: {} }]));
}

/** Writes: each makes a run and publishes its action. No worker takes them, so that the broker can be asked for all. */
async function runNow(
  { amqpUrl, store, pids }: Installation,
  { parameters }: WorkloadContext,
  target: Target,
): Promise<Record<string, unknown>> {
  const { seconds, hasty } = parameters;
  const before = await warmUp(target, hasty);
  const full = await measured(pids(), () => load(target, { seconds }));
  const half = await pacedLoad(target, { seconds, ratePerSecond: full.perSecond / 2 });
  const created = await countManual(store);
  const published = await countActions(amqpUrl, parameters.topology === 'shared');
  return { full, half, answered: before + full.answered + half.answered, created, published };
}

async function countManual(store: Installation['store']): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const live = { limit: 1_000, statuses: ['pending'] } as const;
    const page = await store.listRuns({ ...live, ...(after === undefined ? {} : { after }) });
    count += page.runs.filter((run) => run.trigger === 'manual').length;
    after = page.next;
  } while (after !== undefined);
  return count;
}

async function countActions(url: string, isShared: boolean): Promise<number | undefined> {
  if (!isShared) return undefined; // in hundreds of queues
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    const { workQueue } = queueOf({ topology: 'shared' });
    return (await channel.checkQueue(topologyFor({ name: '', workQueue }).actionQueue)).messageCount;
  } finally {
    await connection.close();
  }
}
