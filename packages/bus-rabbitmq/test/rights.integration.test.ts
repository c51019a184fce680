import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRabbitBus, type RabbitBus, type RabbitBusOptions } from '@simple-scheduler/bus-rabbitmq';
import { topologyFor } from '@simple-scheduler/contracts';
import { createVhost, freshName, type Vhost, waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { action } from './messages.ts';
import { deadLetters, type RabbitRawWorker, rawWorker } from './raw-worker.ts';
import { recordingLog } from './recording-log.ts';

const JOB = topologyFor({ name: 'a-job' });
/** What `docs/deployment.md` says that schedulers and APIs need. */
const RIGHTS = readFileSync(join(import.meta.dirname, '../../../docs/deployment.md'), 'utf8')
  .match(/set_permissions -p VHOST scheduler '(.*)' '(.*)' '(.*)'/)
  ?.slice(1);

let vhost: Vhost;
let worker: RabbitRawWorker;
const opened: RabbitBus[] = [];
const users: string[] = [];

beforeEach(async () => {
  vhost = await createVhost(await sharedRabbitmq());
  worker = await rawWorker(vhost.url, JOB);
});
afterEach(async () => {
  await worker.die();
  await Promise.all(opened.splice(0).map((bus) => bus.close()));
  for (const user of users.splice(0)) await vhost.call('DELETE', `users/${user}`);
  await vhost.remove();
});

/** Connected as a user who may do this. */
async function connectWith(rights: readonly string[], options: Partial<RabbitBusOptions> = {}): Promise<RabbitBus> {
  const [configure, write, read] = rights;
  const user = freshName('user');
  users.push(user);
  await vhost.call('PUT', `users/${user}`, { password: 'secret', tags: '' });
  await vhost.call('PUT', `permissions/${encodeURIComponent(vhost.name)}/${user}`, { configure, write, read });
  const url = new URL(vhost.url);
  [url.username, url.password] = [user, 'secret'];
  const bus = openRabbitBus({ url: url.href, publishDeadlineMs: 2_000, retryDelayMs: 50, ...options });
  opened.push(bus);
  await bus.connect({ timeoutMs: 10_000 });
  return bus;
}

/** Takes no status for valid. */
const refuseAll = (bus: RabbitBus) =>
  bus.consume('status', async (batch) => batch.map(() => ({ kind: 'dead', reason: 'no good' })), { maxBatch: 100 });

test('does all its work with the rights that the documentation names', async () => {
  const log = recordingLog();
  const bus = await connectWith(RIGHTS ?? [], { log });
  const heard: string[] = [];
  await bus.onControl(({ type }) => void heard.push(type));
  await refuseAll(bus);
  expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  await worker.publish('status', Buffer.from('nonsense'));
  await waitFor(async () => (await deadLetters(vhost.url)).length === 1, { message: 'the dead letter' });
  await bus.announce({ type: 'jobs_freed' });
  await waitFor(() => heard.includes('jobs_freed'), { message: 'the announcement' });
  await bus.deleteTopology(JOB);
  expect(bus.problems()).toEqual([]);
  expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
});

test('a dead letter that it may not publish holds up no action, and is told once', async () => {
  const log = recordingLog();
  const all = '^(scheduler\\.|amq\\.gen).*'; // without amq.default
  const bus = await connectWith([all, all, all], { log });
  await refuseAll(bus);
  expect(await bus.publishActions([action(JOB)])).toEqual(['confirmed']);
  await worker.publish('status', Buffer.from('nonsense'));
  const told = (level: string): number => log.lines.filter((line) => line.startsWith(level)).length;
  await waitFor(() => told('error') > 0, { message: 'the refusal' });
  for (let i = 2; i < 40; i += 1) expect(await bus.publishActions([action(JOB, i)])).toEqual(['confirmed']);
  await waitFor(() => log.lines.filter((line) => line.includes('for publishing again')).length > 3, {
    message: 'further attempts',
  });
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([expect.stringContaining('amq.default')]);
});
