// What the parts can do by themselves, so that every other figure can be read as a share of it.
import { brokerFloor } from '../floor/broker.ts';
import { databaseFloor } from '../floor/database.ts';
import type { Workload } from './workload.ts';

export const floor: Workload = async ({ servers, parameters }) => ({
  rabbitmq: await brokerFloor(servers.rabbitmq, parameters.jobs),
  mongodb: await databaseFloor(servers.mongodb, parameters.jobs),
});
