// Measures Simple Scheduler on real servers and processes: npm run bench. One JSON line per workload, a table at the end, and a
// file per workload in bench/results. Loopback only; everything that was started ends with this process.
import { join } from 'node:path';
import { obtainServers, privateFolder, removeFolder } from '@simple-scheduler/testkit';
import { type BenchArguments, parseBenchArguments, type Plan, USAGE, type WorkloadName } from './arguments.ts';
import type { BenchServers } from './installation.ts';
import { describeMachine, loadNow, PROJECT, versions } from './machine.ts';
import { hotSpots } from './profile.ts';
import { keep, type Result, tableOf } from './report.ts';
import { burst } from './workloads/burst.ts';
import { floor } from './workloads/floor.ts';
import { lists } from './workloads/lists.ts';
import { punctuality } from './workloads/punctuality.ts';
import { weight } from './workloads/weight.ts';
import type { Workload } from './workloads/workload.ts';

const RUNNERS: Readonly<Record<WorkloadName, Workload>> = { floor, w1: punctuality, w2: burst, w5: weight, lists };

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

/** False where a workload could not be measured; the others are measured all the same. */
async function main({ plans, profile, out }: BenchArguments): Promise<boolean> {
  const say = (text: string): void => console.error(text);
  await using servers = await obtainServers({ mongodb: true, rabbitmq: true }, { log: say });
  const results: Result[] = [];
  for (const plan of plans) {
    say(`── ${plan.workload} ${JSON.stringify(plan.parameters)}`);
    try {
      const result = await run(plan, servers, { profile, say });
      results.push(result);
      console.log(JSON.stringify(result));
      say(`kept in ${await keep(result, out)}`);
    } catch (error) {
      say(`${plan.workload} failed: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  for (const [name, cells] of Object.entries(tableOf(results))) {
    console.log(name);
    console.table(cells);
  }
  return results.length === plans.length;
}

async function run(
  plan: Plan,
  servers: BenchServers,
  { profile, say }: { profile: boolean; say: (text: string) => void },
): Promise<Result> {
  const profileFolder = profile ? await privateFolder('profiles') : undefined;
  try {
    const startedAt = new Date().toISOString();
    const machine = { ...describeMachine(), load: loadNow() };
    const context = { servers, parameters: plan.parameters, profileFolder, say };
    const measured = await RUNNERS[plan.workload](context);
    return {
      ...plan,
      startedAt,
      versions: versions(servers),
      machine,
      measured,
      ...(profileFolder === undefined ? {} : { hotSpots: hotSpots(profileFolder) }),
    };
  } finally {
    if (profileFolder !== undefined) await removeFolder(profileFolder);
  }
}
