import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder } from '../guard.ts';
import { environmentOf, obtainMongod } from '../install/mongod.ts';
import { processLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { MongodbServer } from '../server.ts';
import { ServerProcess } from '../server-process.ts';
import {
  answers,
  initiate,
  isPrimary,
  memberUrl,
  REPLICA_SET,
  replicaSetUrl,
  standaloneUrl,
} from './mongodb-replication.ts';

/** A private MongoDB: a replica set of one, so that majority writes, transactions and change streams work. */
export async function startMongodbBinary(): Promise<MongodbServer> {
  const port = await freePort();
  const ready = async (): Promise<boolean> => {
    await initiate([port]);
    return isPrimary(port);
  };
  return startMongod(port, replicaSetUrl([port]), ready);
}

/** One member of a replica set that is yet to be initiated. */
export async function startMongodbMemberBinary(port: number): Promise<MongodbServer> {
  return startMongod(port, memberUrl(port), () => answers(port));
}

/** A private MongoDB without a replica set. */
export async function startStandaloneMongodbBinary(): Promise<MongodbServer> {
  const port = await freePort();
  return startMongod(port, standaloneUrl(port), () => answers(port), []);
}

async function startMongod(
  port: number,
  url: string,
  ready: () => Promise<boolean>,
  replication: readonly string[] = ['--replSet', REPLICA_SET, '--oplogSize', '128'],
): Promise<MongodbServer> {
  const mongod = await obtainMongod();
  const folder = await privateFolder('mongodb');
  const data = join(folder, 'db');
  await mkdir(data);
  const process = new ServerProcess({
    name: 'mongod',
    command: mongod.command,
    args: [
      ...['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', ...replication],
      ...['--unixSocketPrefix', folder, '--wiredTigerCacheSizeGB', '0.25'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ],
    env: environmentOf(mongod),
    logFile: join(folder, 'mongod.log'),
    ready,
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 20_000,
  });
  await process.start();
  return serverOf({ kind: 'mongodb', source: 'binary', version: mongod.version, url }, processLife(folder, process));
}
