// How long lists of the API take on a large database, with authentication on: each filter, its first page and one from deep
// within, and what MongoDB looked at for it.
import { createVhost, freePort, freshDatabase } from '@simple-scheduler/testkit';
import { openMongoStore } from '@simple-scheduler/store-mongodb';
import { MongoClient } from 'mongodb';
import { distribution, round } from '../latency.ts';
import { openIssuer } from '../lists/issuer.ts';
import { workOf } from '../lists/plans.ts';
import { type Query, queries } from '../lists/queries.ts';
import { type Reader, readerOf, type Walk, walk } from '../lists/reader.ts';
import { seedJobs, seedRuns } from '../lists/seed.ts';
import { loadNow } from '../machine.ts';
import { startService } from '../service-process.ts';
import type { Measurement, Workload, WorkloadContext } from './workload.ts';

export const RUNS_PER_JOB = 10;
const ROUNDS = { always: 100, hasty: 2 } as const;
const WARM_UP = 5;
const PAGE = 50;
/** In a hasty run there are few rows, and a page from the middle all the same. */
const WALK_PAGE = { always: 500, hasty: 20 } as const;

export const lists: Workload = async (context) => {
  const { servers } = context;
  const dbName = freshDatabase();
  await using client = await MongoClient.connect(servers.mongodb.url);
  const vhost = await createVhost(servers.rabbitmq);
  await using issuer = await openIssuer();
  try {
    const seeded = await seed(context, dbName);
    const port = await freePort();
    const api = await startService({
      name: 'api-1',
      service: 'api',
      profileFolder: context.profileFolder,
      env: {
        SIMPLE_SCHEDULER_DB_CONNECTION_STRING: servers.mongodb.url,
        SIMPLE_SCHEDULER_DB_NAME: dbName,
        SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: vhost.url,
        SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${port}`,
        SIMPLE_SCHEDULER_OIDC_ISSUER: issuer.url,
        SIMPLE_SCHEDULER_OIDC_AUDIENCE: 'bench',
        SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
      },
    });
    try {
      const reader = readerOf(`http://127.0.0.1:${port}`, issuer.token);
      return await measure({ ...context, client, dbName, reader, seeded });
    } finally {
      await api.stop();
    }
  } finally {
    await client.db(dbName).dropDatabase();
    await vhost.remove();
  }
};

async function seed({ servers, parameters, say }: WorkloadContext, dbName: string) {
  const { jobs } = parameters;
  const store = await openMongoStore({ connectionString: servers.mongodb.url, dbName, timeoutMs: 60_000 });
  try {
    await store.migrate();
    say(`adding ${jobs} jobs and ${jobs * RUNS_PER_JOB} runs`);
    await seedJobs(store, jobs);
    return await seedRuns(store, { jobs, runs: jobs * RUNS_PER_JOB });
  } finally {
    await store.close();
  }
}

interface Scene extends WorkloadContext {
  readonly client: MongoClient;
  readonly dbName: string;
  readonly reader: Reader;
  readonly seeded: Awaited<ReturnType<typeof seed>>;
}

async function measure(scene: Scene): Promise<Measurement> {
  const { reader, parameters, seeded, say, client, dbName } = scene;
  say('walking through both lists');
  const walkPage = parameters.hasty ? WALK_PAGE.hasty : WALK_PAGE.always;
  const jobs = await walk(reader, `/api/jobs?limit=${walkPage}`, 'name');
  const runs = await walk(reader, `/api/runs?limit=${walkPage}`, 'id');
  const cases = casesOf(queries(seeded, parameters.jobs), { jobs, runs });
  const load = [loadNow()];
  const tookMs = new Map(cases.map(({ name }) => [name, [] as number[]]));
  // All cases in each round: what the rest of the machine does meanwhile meets all of them.
  const rounds = parameters.hasty ? ROUNDS.hasty : ROUNDS.always;
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const { name, path } of cases) {
      const page = await reader.read(path);
      if (round >= 0) tookMs.get(name)?.push(page.tookMs);
    }
  }
  load.push(loadNow());
  const figures: Record<string, unknown> = {};
  for (const { name, path, collection } of cases) {
    const work = await workOf(client.db(dbName), collection, () => reader.read(path));
    figures[name] = { ms: distribution(tookMs.get(name) ?? []), ...work };
  }
  const all = distribution([...tookMs.values()].flat());
  return { allMs: all, worstP99Ms: worst(tookMs), load, walks: { jobs: told(jobs), runs: told(runs) }, figures };
}

interface Case extends Query {
  readonly path: string;
}

function casesOf(all: readonly Query[], walks: Readonly<Record<'jobs' | 'runs', Walk>>): Case[] {
  return all.flatMap((query) => {
    const first = `${query.path}&limit=${PAGE}`;
    const cursor = new URLSearchParams(walks[query.collection].middle.split('?')[1]).get('cursor') ?? '';
    return [
      { ...query, path: first },
      { ...query, name: `${query.name} (deep)`, path: `${first}&cursor=${encodeURIComponent(cursor)}` },
    ];
  });
}

function worst(tookMs: ReadonlyMap<string, readonly number[]>): { name: string; p99: number } | undefined {
  const all = [...tookMs].map(([name, values]) => ({ name, p99: distribution(values)?.p99 ?? 0 }));
  return all.toSorted((a, b) => b.p99 - a.p99)[0];
}

const told = ({ rows, distinct, pagesMs }: Walk): object => ({
  rows,
  distinct,
  pageMs: distribution(pagesMs.map((ms) => round(ms))),
});
