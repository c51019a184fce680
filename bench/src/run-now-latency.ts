/**
 * How long a run-now takes: one at a time, at even rates, and with as many at once as w6 has, on the built API.
 *
 *     node --conditions=x-source bench/src/run-now-latency.ts [requests per second]…
 */
import { openIssuer } from './api/issuer.ts';
import { headersOf, load, type Load, type Target } from './api/load.ts';
import { pacedLoad } from './api/paced-load.ts';
import { addRecords } from './api/records.ts';
import { install } from './installation.ts';
import { distribution } from './latency.ts';
import { obtainBenchServers } from './servers.ts';

const SIZE = { jobs: 500, runs: 0, topology: 'shared' } as const;
const DEFAULT_RATES = [100, 300, 600];
const WARM_UP_SECONDS = 4;
const SECONDS = 6;
const SINGLE = 300;

const told = process.argv.slice(2).map(Number);
await using servers = await obtainBenchServers(console.error);
await using installation = await install(servers, undefined);
await using issuer = await openIssuer();
const { jobPaths } = await addRecords(installation, servers.mongodb.url, SIZE);
const { apiUrl = '' } = await installation.startApi({ ...issuer.settings, API_URL: '127.0.0.1:0' });
const target: Target = {
  url: new URL(apiUrl).origin,
  method: 'POST',
  paths: jobPaths.map((path) => `${path}/run`),
  token: issuer.token,
};

await load(target, { seconds: WARM_UP_SECONDS });
const rows: object[] = [{ requests: 'one at a time', perSecond: undefined, ...(await oneAtATime()) }];
for (const ratePerSecond of told.length > 0 ? told : DEFAULT_RATES)
  rows.push(rowOf('at an even pace', await pacedLoad(target, { seconds: SECONDS, ratePerSecond })));
rows.push(rowOf('50 at once', await load(target, { seconds: SECONDS })));
console.table(rows);

async function oneAtATime(): Promise<Load['latencyMs']> {
  const latenciesMs: number[] = [];
  for (const path of target.paths.slice(0, SINGLE)) {
    const sentAt = performance.now();
    const response = await fetch(target.url + path, { method: 'POST', headers: headersOf(target) });
    await response.text();
    if (!response.ok) throw new Error(`${path} was answered by ${response.status}`);
    latenciesMs.push(performance.now() - sentAt);
  }
  const { p50 = 0, p99 = 0, max = 0 } = distribution(latenciesMs) ?? {};
  return { p50, p99, max };
}

function rowOf(requests: string, { perSecond, latencyMs, refused, errors }: Load): object {
  if (refused + errors > 0) throw new Error(`${refused} requests were refused, ${errors} failed`);
  return { requests, perSecond, ...latencyMs };
}
