// The global setup of the projects that need servers. Each server is obtained when the first test file asks for it, so a
// run of one package waits for nothing that it does not use; test files ask through `vitest.ts`, over a socket of loopback,
// since they run in processes of their own. A whole `npm test` has put the addresses into the environment already.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { obtainServers, type Servers } from './obtain.ts';
import type { ServerKind } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where test files ask for servers. */
    testServersUrl: string;
  }
}

const KINDS: readonly ServerKind[] = ['mongodb', 'rabbitmq', 'keycloak'];

interface Desk {
  readonly url: string;
  users: number;
  close(): Promise<void>;
}

// Projects load this file separately: what they share lives on the process.
const shared = globalThis as { simpleSchedulerTestServers?: Promise<Desk> };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.simpleSchedulerTestServers ??= openDesk();
  const desk = await shared.simpleSchedulerTestServers;
  desk.users++;
  project.provide('testServersUrl', desk.url);
  return async () => {
    desk.users--;
    if (desk.users > 0) return;
    delete shared.simpleSchedulerTestServers;
    await desk.close();
  };
}

async function openDesk(): Promise<Desk> {
  const obtained = new Map<ServerKind, Promise<Servers>>();
  const http: HttpServer = createServer((request, response) => {
    const kind = KINDS.find((known) => request.url === `/${known}`);
    if (kind === undefined) {
      response.writeHead(404).end();
      return;
    }
    let servers = obtained.get(kind);
    if (servers === undefined) {
      servers = obtainServers({ [kind]: true });
      obtained.set(kind, servers);
    }
    servers.then(
      ({ env }) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(env)),
      (error: Error) => response.writeHead(503, { 'content-type': 'text/plain' }).end(error.message),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    http.close();
    http.closeAllConnections();
    const settled = await Promise.allSettled(obtained.values());
    for (const outcome of settled) if (outcome.status === 'fulfilled') await outcome.value.stop();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, users: 0, close };
}
