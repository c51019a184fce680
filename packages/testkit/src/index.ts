export { VARIABLES as SERVER_VARIABLES } from './environment.ts';
export { obtainChromium } from './install/chromium.ts';
export { obtainPython, obtainSchemathesis } from './install/python.ts';
export { obtainShell, obtainTmux } from './install/shells.ts';
export { dropGroup as hasEnded, ownGroup as endWithMe, privateFolder, removeFolder } from './guard.ts';
export { freshDatabase, freshName } from './names.ts';
export {
  obtainServers,
  type Servers,
  type ServerWishes,
  startKeycloak,
  startMongodb,
  startPostgres,
  startRabbitmq,
  startRedis,
  startStandaloneMongodb,
} from './obtain.ts';
export { freePort } from './ports.ts';
export type {
  KeycloakServer,
  MongodbServer,
  PostgresServer,
  RabbitmqServer,
  RedisServer,
  Server,
  ServerKind,
  ServerSource,
} from './server.ts';
export { type MongodbReplicaSet, startMongodbReplicaSet } from './servers/mongodb-replica-set.ts';
export { type SecretService, startSecretService } from './servers/secret-service.ts';
export { createVhost, type Vhost } from './servers/rabbitmq-management.ts';
export { type WaitOptions, waitFor } from './wait-for.ts';
