// What the parts can do by themselves, so that every other figure can be read as a share of it: the processor, and the messages
// of `jobs` runs, three each, and two each where the worker sends `completed` only.
import { brokerFloor } from '../floor/broker.ts';
import { databaseFloor } from '../floor/database.ts';
import { processorFloor } from '../floor/processor.ts';
import { roundTrip } from '../floor/round-trip.ts';
import { writesOfRuns } from '../floor/writes-of-runs.ts';
import type { Workload } from './workload.ts';

const PROCESSOR_SECONDS = { usual: 15, hasty: 1 };

export const floor: Workload = async ({ servers: { rabbitmq, mongodb }, parameters: { jobs, hasty } }) => ({
  processor: await processorFloor(PROCESSOR_SECONDS[hasty ? 'hasty' : 'usual']),
  rabbitmq: await brokerFloor(rabbitmq, 3 * jobs),
  threePerRun: await roundTrip(rabbitmq, jobs, ['running', 'completed']),
  twoPerRun: await roundTrip(rabbitmq, jobs, ['completed']),
  mongodb: await databaseFloor(mongodb, 3 * jobs),
  writes: await writesOfRuns(mongodb, jobs),
});
