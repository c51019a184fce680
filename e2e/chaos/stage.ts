import type { Client } from '@simple-scheduler/client';
import type { Job } from '@simple-scheduler/contracts';
import { type Cast, startCast } from './cast/cast.ts';
import { type Servers, startServers } from './cast/servers.ts';
import type { Chance } from './chance.ts';
import { planJobs, type PlannedJob } from './load/jobs.ts';
import { Network } from './network/network.ts';

/** Everything that a run takes place on, up and with its first ticks to come. */
export interface Stage extends AsyncDisposable {
  readonly network: Network;
  readonly servers: Servers;
  readonly cast: Cast;
  /** As the API answered their creation. */
  readonly jobs: readonly Job[];
  /** The first ticks are due from now on. */
  readonly firstTickAt: number;
}

/** From the creation of the first job to the first tick: all jobs should be there by then, and workers for them. */
const LEAD_MS = 8_000;

export async function setStage(options: { folder: string; seed: number; chance: Chance }): Promise<Stage> {
  const { chance } = options;
  await using stack = new AsyncDisposableStack();
  const network = new Network();
  stack.defer(() => network.close());
  const servers = stack.use(await startServers(network));
  const planned = planJobs(chance);
  const topologies = [...new Set(planned.map(({ topology }) => topology))];
  const cast = await startCast({ ...options, servers, topologies });
  stack.defer(async () => {
    await Promise.allSettled(cast.actors.map((actor) => actor.kill()));
  });
  const firstTickAt = Date.now() + LEAD_MS;
  const jobs = await createAll(cast.patientClient, planned, firstTickAt, chance);
  await Promise.all(cast.withRole('worker').map((worker) => worker.start()));
  const kept = stack.move();
  return { network, servers, cast, jobs, firstTickAt, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Ticks begin spread over each job's interval. */
async function createAll(
  client: Client,
  planned: readonly PlannedJob[],
  firstTickAt: number,
  chance: Chance,
): Promise<Job[]> {
  const inputs = planned.map(({ input }) =>
    typeof input.interval === 'number'
      ? { ...input, nextRunAt: new Date(firstTickAt + chance.int(0, input.interval - 1)).toISOString() }
      : input,
  );
  const jobs: Job[] = [];
  const left = inputs.values();
  const createSome = async (): Promise<void> => {
    for (const input of left) jobs.push(await client.jobs.create(input));
  };
  await Promise.all(Array.from({ length: 8 }, createSome));
  return jobs;
}
