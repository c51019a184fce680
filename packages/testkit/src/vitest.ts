// For test files: the servers that all tests of a run share. Tests keep apart by database and virtual host; one that ends
// or pauses a server starts one of its own (`startMongodb`, `startRabbitmq`, `startKeycloak`).
import './vitest-setup.ts';
import { inject } from 'vitest';
import { keycloakFromEnvironment, mongodbFromEnvironment, rabbitmqFromEnvironment } from './environment.ts';
import type { KeycloakServer, MongodbServer, RabbitmqServer, ServerKind } from './server.ts';

export function sharedMongodb(): Promise<MongodbServer> {
  return shared('mongodb', mongodbFromEnvironment);
}

export function sharedRabbitmq(): Promise<RabbitmqServer> {
  return shared('rabbitmq', rabbitmqFromEnvironment);
}

export function sharedKeycloak(): Promise<KeycloakServer> {
  return shared('keycloak', keycloakFromEnvironment);
}

async function shared<T>(kind: ServerKind, fromEnvironment: () => T | undefined): Promise<T> {
  const known = fromEnvironment();
  if (known !== undefined) return known;
  const response = await fetch(new URL(kind, `${inject('testServersUrl')}/`));
  if (!response.ok) throw new Error(await response.text());
  Object.assign(process.env, await response.json());
  return fromEnvironment() as T;
}
