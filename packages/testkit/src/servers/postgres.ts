import { chown } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { privateFolder, removeFolder } from '../guard.ts';
import { run } from '../install/command.ts';
import { obtainPostgres } from '../install/postgres.ts';
import { processLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { PostgresServer } from '../server.ts';
import { ServerProcess } from '../server-process.ts';

export const POSTGRES_USER = 'scheduler';
const DATABASE = 'postgres';
/** What PostgreSQL answers to the question for TLS, whichever way: S or N. */
const TLS_QUESTION = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** A private PostgreSQL on loopback with its defaults: durable, 100 connections. */
export async function startPostgresBinary(): Promise<PostgresServer> {
  const { binaries, version } = await obtainPostgres();
  const folder = await privateFolder('postgres');
  const data = join(folder, 'db');
  const user = await serverUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const create = ['-D', data, '-U', POSTGRES_USER, '--auth=trust', '--encoding=UTF8', '--no-sync'];
  await run(join(binaries, 'initdb'), create, { cwd: folder, ...user });
  const port = await freePort();
  const server = new ServerProcess({
    name: 'postgres',
    command: join(binaries, 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${folder}`,
    ],
    cwd: folder,
    ...(user === undefined ? {} : { user }),
    logFile: join(folder, 'postgres.log'),
    ready: () => isPostgresAlive(port),
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 30_000,
    stopSignal: 'SIGINT', // "fast": clients are sent away, where SIGTERM waits for the last of them to go
  });
  const life = processLife(folder, server);
  await life.start();
  const url = `postgres://${POSTGRES_USER}@127.0.0.1:${port}/${DATABASE}`;
  return serverOf(
    { kind: 'postgres', source: 'binary', version, url },
    {
      ...life,
      get pid() {
        return life.pid;
      },
      // Its backends are groups of their own: killed with the postmaster they would be left to notice.
      remove: async () => {
        await server.stop();
        await removeFolder(folder);
      },
    },
  );
}

/** PostgreSQL refuses to run as root; its package brings a user. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const numberOf = async (flag: string): Promise<number> => Number(await run('id', [flag, 'postgres']));
  return { uid: await numberOf('-u'), gid: await numberOf('-g') };
}

/** It takes connections, and has left its recovery: before that it closes them without an answer. */
export function isPostgresAlive(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 });
    socket.once('connect', () => socket.write(TLS_QUESTION));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    for (const end of ['error', 'timeout', 'close'] as const)
      socket.once(end, () => {
        socket.destroy();
        resolve(false);
      });
  });
}
