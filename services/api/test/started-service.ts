import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endWithMe, privateFolder, waitFor } from '@simple-scheduler/testkit';
import { afterEach } from 'vitest';

type ServiceName = 'api' | 'scheduler' | 'custodian' | 'standalone';

export interface Started {
  /** Everything that it has written. */
  said(): string;
  stop(): Promise<void>;
}

const started: Started[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

/** A service from its sources, in a process and a folder of its own; stopped after the test. */
export async function start(service: ServiceName, settings: Record<string, string>): Promise<Started> {
  const main = join(import.meta.dirname, '../..', service, 'src/main.ts');
  const all = { LOG_LEVEL: 'trace', LOG_FORMAT: 'json', HEALTH_URL: '127.0.0.1:0', ...settings };
  const child = spawn(process.execPath, ['--conditions=x-source', main], {
    cwd: await privateFolder(service),
    detached: true,
    env: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`SIMPLE_SCHEDULER_${name}`, value])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) endWithMe(child.pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const one: Started = {
    said: () => text,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
  started.push(one);
  return one;
}

/** Waits until it has written something like this. */
export const saying = (service: Started, pattern: RegExp): Promise<unknown> =>
  waitFor(() => pattern.test(service.said()), {
    timeoutMs: 60_000,
    message: () => `${pattern} in ${service.said()}`,
  });
