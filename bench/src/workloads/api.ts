// W6: reads and writes of the API per second, authentication on, beside a bare fastify that sends the same bodies, and one that
// sends the same headers too; and how long they take at half of that load.
import { topologyFor } from '@simple-scheduler/contracts';
import { connect } from 'amqplib';
import { answerOf, type BareAnswer, startBareServer, withoutHeaders } from '../api/bare-server.ts';
import type { HttpProcess } from '../api/http-process.ts';
import { openIssuer } from '../api/issuer.ts';
import { load, measured, type MeasuredLoad, type Target, warmUp } from '../api/load.ts';
import { pacedLoad } from '../api/paced-load.ts';
import { addRecords } from '../api/records.ts';
import { install, type Installation } from '../installation.ts';
import { round } from '../latency.ts';
import { complaintsOf, queueOf } from './start-up.ts';
import type { Workload, WorkloadContext } from './workload.ts';

export const api: Workload = async (context) => {
  const { servers, parameters, profileFolder, say } = context;
  await using installation = await install(servers, profileFolder);
  await using issuer = await openIssuer();
  say(`adding ${parameters.jobs} jobs and ${parameters.runs} runs`);
  const { jobPaths, runPaths } = await addRecords(installation, servers.mongodb.url, parameters);
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
    const floorOf = async (server: HttpProcess): Promise<MeasuredLoad> => {
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
