/**
 * What of a read by the API is the framework with our hooks, and what is the database: reads per second and µs of CPU of the API as it is,
 * of one that remembers every record that it has read (which none may do), and of a bare fastify that sends the same bytes, with
 * our headers and without.
 *
 *     node --conditions=x-source bench/src/api-costs.ts [seconds]
 */
import { answerOf, startBareServer, withoutHeaders } from './api/bare-server.ts';
import { type HttpProcess, startHttpProcess } from './api/http-process.ts';
import { openIssuer } from './api/issuer.ts';
import { load, measured, type Target, warmUp } from './api/load.ts';
import { addRecords } from './api/records.ts';
import { install } from './installation.ts';
import { obtainBenchServers } from './servers.ts';

const SIZE = { jobs: 5_000, runs: 50_000, topology: 'shared' } as const;

const seconds = Number(process.argv[2] ?? 10);
await using servers = await obtainBenchServers(console.error);
await using installation = await install(servers, undefined);
await using issuer = await openIssuer();
const { OIDC_ISSUER, OIDC_AUDIENCE } = issuer.settings;
const { jobPaths, runPaths } = await addRecords(installation, servers.mongodb.url, SIZE);

const startApi = (remembers: boolean): Promise<HttpProcess> =>
  startHttpProcess(new URL('api/api-process.ts', import.meta.url), {
    database: { connectionString: servers.mongodb.url, dbName: installation.dbName },
    auth: { issuer: OIDC_ISSUER, audience: OIDC_AUDIENCE },
    remembers,
  });
await using api = await startApi(false);
await using remembering = await startApi(true);

const rows: object[] = [];
for (const [route, paths] of [
  ['/api/jobs/:name', jobPaths],
  ['/api/runs/:id', runPaths],
] as const) {
  const answers = { [route]: await answerOf(api.url + paths[0], issuer.token) };
  await using bare = await startBareServer(withoutHeaders(answers));
  await using bareAlike = await startBareServer(answers);
  for (const [name, { pid, url }] of Object.entries({ api, remembering, bare, bareAlike })) {
    const target: Target = { url, method: 'GET', paths, token: issuer.token };
    await warmUp(target, false);
    const { perSecond, refused, errors, cpuMsPer1000Requests } = await measured({ it: pid }, () =>
      load(target, { seconds }),
    );
    if (refused + errors > 0) throw new Error(`${refused} requests were refused, ${errors} failed`);
    rows.push({ route, of: name, perSecond, cpuUs: cpuMsPer1000Requests['it'] });
  }
}
console.table(rows);
