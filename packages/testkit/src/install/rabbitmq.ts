import { dirname, join } from 'node:path';
import { aptInstall } from './apt.ts';
import { isExecutable, run, which } from './command.ts';

export interface Rabbitmq {
  readonly command: string;
  readonly epmd: string;
  readonly version: string;
}

/** The broker's own start script, from the machine's package or a freshly installed one. */
export async function obtainRabbitmq(): Promise<Rabbitmq> {
  const found = await find();
  if (found !== undefined) return found;
  await aptInstall('RabbitMQ', ['rabbitmq-server']);
  const installed = await find();
  if (installed === undefined)
    throw new Error('RabbitMQ was installed, but its start script is not where its package puts it');
  return installed;
}

async function find(): Promise<Rabbitmq | undefined> {
  const scripts = await scriptFolder();
  const epmd = await which('epmd');
  if (scripts === undefined || epmd === undefined) return undefined;
  return {
    command: join(scripts, 'rabbitmq-server'),
    epmd,
    version: /rabbitmq_server-([\d.]+)/.exec(scripts)?.[1] ?? 'unknown',
  };
}

/** Debian's commands on PATH insist on root or the broker's user and on the system's folders; those behind them do not. */
async function scriptFolder(): Promise<string | undefined> {
  const files = await run('dpkg', ['-L', 'rabbitmq-server']).catch(() => '');
  const packaged = files.split('\n').find((line) => line.endsWith('/sbin/rabbitmq-env'));
  if (packaged !== undefined) return dirname(packaged);
  const onPath = await which('rabbitmq-server');
  return onPath !== undefined && (await isExecutable(join(dirname(onPath), 'rabbitmq-env')))
    ? dirname(onPath)
    : undefined;
}
