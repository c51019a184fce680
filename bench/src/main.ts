// Measures Simple Scheduler on real servers and processes: npm run bench. One JSON line per workload, tables at the end, and a
// file per workload in bench/results. Loopback only; everything that was started ends with this process.
import { join } from 'node:path';
import { privateFolder, removeFolder } from '@simple-scheduler/testkit';
import { type BenchArguments, parseBenchArguments, USAGE } from './arguments.ts';
import { compare, rowOf } from './comparison.ts';
import { faultsOf } from './faults.ts';
import { describeMachine, loadNow, PROJECT, versions } from './machine.ts';
import type { Plan, WorkloadName } from './parameters.ts';
import { hotSpots } from './profile.ts';
import { keep, keepComparison, type Result, tableOf, titleOf } from './report.ts';
import { type BenchServers, obtainBenchServers } from './servers.ts';
import { api } from './workloads/api.ts';
import { burst } from './workloads/burst.ts';
import { failover } from './workloads/failover.ts';
import { floor } from './workloads/floor.ts';
import { lists } from './workloads/lists.ts';
import { limit } from './workloads/limit.ts';
import { peers } from './workloads/peers.ts';
import { punctuality } from './workloads/punctuality.ts';
import { stuck } from './workloads/stuck.ts';
import { weight } from './workloads/weight.ts';
import type { Workload } from './workloads/workload.ts';

const RUNNERS: Readonly<Record<WorkloadName, Workload>> = {
  floor,
  w1: punctuality,
  limit,
  w2: burst,
  w3: failover,
  w4: stuck,
  w5: weight,
  w6: api,
  w7: limit,
  lists,
  peers,
};

/** A smoke run looks at no times: it measures several workloads at once. */
const SMOKE_LANES = 3;

const say = (text: string): void => console.error(text);
let benchArguments: BenchArguments;
try {
  benchArguments = parseBenchArguments(process.argv.slice(2), join(PROJECT, 'bench', 'results'));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
// What this process started ends with it; it only has to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.exitCode = (await main(benchArguments)) ? 0 : 1;

/** False where a workload could not be measured (the others are all the same), or a smoke run found faults. */
async function main({ plans, profile, wiredTiger, smoke, out }: BenchArguments): Promise<boolean> {
  await using servers = await obtainBenchServers(say, { wiredTiger });
  const found: (Result | undefined)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < plans.length; index = next++)
      found[index] = await attempt(plans[index] as Plan, { servers, profile, out });
  };
  await Promise.all(Array.from({ length: smoke ? SMOKE_LANES : 1 }, work));
  const results = found.filter((result) => result !== undefined);
  await tell(results, out);
  return results.length === plans.length && !(smoke && results.some(({ faults }) => faults.length > 0));
}

/** Undefined: it could not be measured. */
async function attempt(
  plan: Plan,
  { servers, profile, out }: { servers: BenchServers; profile: boolean; out: string | undefined },
): Promise<Result | undefined> {
  const title = titleOf(plan);
  const sayOf = (text: string): void => say(`${title}: ${text}`);
  sayOf('begins');
  try {
    const result = await run(plan, { servers, profile, say: sayOf });
    console.log(JSON.stringify(result));
    for (const fault of result.faults) sayOf(`fault: ${fault}`);
    if (out !== undefined) sayOf(`kept in ${await keep(result, out)}`);
    return result;
  } catch (error) {
    sayOf(`failed: ${error instanceof Error ? error.stack : String(error)}`);
    return undefined;
  }
}

async function tell(results: readonly Result[], out: string | undefined): Promise<void> {
  for (const [name, cells] of Object.entries(tableOf(results))) {
    console.log(name);
    console.table(cells);
  }
  const comparisons = compare(results);
  console.table(comparisons.map(rowOf));
  if (out !== undefined && comparisons.length > 0) say(`kept in ${await keepComparison(comparisons, out)}`);
}

async function run(
  plan: Plan,
  { servers, profile, say: sayOf }: { servers: BenchServers; profile: boolean; say: (text: string) => void },
): Promise<Result> {
  const profileFolder = profile ? await privateFolder('profiles') : undefined;
  try {
    const startedAt = new Date().toISOString();
    const load = loadNow();
    const context = { servers, parameters: plan.parameters, profileFolder, say: sayOf };
    const measured = await RUNNERS[plan.workload](context);
    return {
      ...plan,
      startedAt,
      versions: versions(servers),
      machine: { ...describeMachine(), load, loadAfter: loadNow() },
      measured,
      faults: faultsOf({ ...plan, measured }),
      ...(profileFolder === undefined ? {} : { hotSpots: hotSpots(profileFolder) }),
    };
  } finally {
    if (profileFolder !== undefined) await removeFolder(profileFolder);
  }
}
