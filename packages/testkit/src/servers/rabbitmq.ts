import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { privateFolder } from '../guard.ts';
import { run } from '../install/command.ts';
import { obtainRabbitmq } from '../install/rabbitmq.ts';
import { processLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { RabbitmqServer } from '../server.ts';
import { ServerProcess } from '../server-process.ts';
import { isAlive } from './rabbitmq-management.ts';

interface Ports {
  readonly amqp: number;
  readonly management: number;
  readonly distribution: number;
  readonly epmd: number;
}

/** A private RabbitMQ with the management plugin, with a port mapper (epmd) of its own so that it meets no other broker. */
export async function startRabbitmqBinary(): Promise<RabbitmqServer> {
  const rabbitmq = await obtainRabbitmq();
  const folder = await privateFolder('rabbitmq');
  const ports: Ports = {
    amqp: await freePort(),
    management: await freePort(),
    distribution: await freePort(),
    epmd: await freePort(),
  };
  await writeConfiguration(folder, ports);
  const env = environmentOf(folder, ports);
  const managementUrl = `http://guest:guest@127.0.0.1:${ports.management}`;
  const epmd = new ServerProcess({
    name: 'epmd',
    command: rabbitmq.epmd,
    args: ['-address', '127.0.0.1', '-port', String(ports.epmd)],
    env,
    logFile: join(folder, 'epmd.log'),
    ready: () => accepts(ports.epmd),
    readyTimeoutMs: 10_000,
    stopTimeoutMs: 2_000,
  });
  const broker = new ServerProcess({
    name: 'rabbitmq-server',
    command: rabbitmq.command,
    args: [],
    env,
    logFile: join(folder, 'broker.log'),
    ready: () => isAlive(managementUrl),
    readyTimeoutMs: 120_000,
    stopTimeoutMs: 30_000,
  });
  const life = processLife(folder, broker, [epmd]);
  await life.start();
  const url = `amqp://guest:guest@127.0.0.1:${ports.amqp}`;
  const ctl = join(dirname(rabbitmq.command), 'rabbitmqctl');
  const control = (...args: string[]): Promise<string> => run(ctl, ['-q', ...args], { env });
  return serverOf({ kind: 'rabbitmq', source: 'binary', version: rabbitmq.version, url, managementUrl, control }, life);
}

async function writeConfiguration(folder: string, ports: Ports): Promise<void> {
  for (const name of ['log', 'config', 'mnesia']) await mkdir(join(folder, name));
  await writeFile(join(folder, '.erlang.cookie'), randomBytes(20).toString('hex'), { mode: 0o400 });
  await writeFile(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n');
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'default_user = guest',
    'default_pass = guest',
    'vm_memory_high_watermark.absolute = 1GiB',
    'disk_free_limit.absolute = 50MB',
    'collect_statistics_interval = 1000', // so that the management API knows of new connections soon
    'log.file.level = warning',
    'log.console = false',
  ];
  await writeFile(join(folder, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
}

/** Everything that must differ between two brokers on one machine. */
function environmentOf(folder: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_NODENAME: `rabbit_${ports.amqp}@localhost`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'config'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    ERL_CRASH_DUMP: join(folder, 'erl_crash.dump'),
    // Idle schedulers sleep instead of spinning: two cores are shared with the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
    // The start script replaces itself with the broker: the process that we started is the one that we end.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => socket.destroy()).once('error', () => resolve(false));
    socket.once('close', (failed) => resolve(!failed));
  });
}
