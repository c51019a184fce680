// What the parts can do by themselves, so that every other figure can be read as a share of it: the messages of `jobs` runs,
// three each, and two each where the worker sends `completed` only.
import { brokerFloor } from '../floor/broker.ts';
import { databaseFloor } from '../floor/database.ts';
import { roundTrip } from '../floor/round-trip.ts';
import { writesOfRuns } from '../floor/writes-of-runs.ts';
import type { Workload } from './workload.ts';

export const floor: Workload = async ({ servers: { rabbitmq, mongodb }, parameters: { jobs } }) => ({
  rabbitmq: await brokerFloor(rabbitmq, 3 * jobs),
  threePerRun: await roundTrip(rabbitmq, jobs, ['running', 'completed']),
  twoPerRun: await roundTrip(rabbitmq, jobs, ['completed']),
  mongodb: await databaseFloor(mongodb, 3 * jobs),
  writes: await writesOfRuns(mongodb, jobs),
});
