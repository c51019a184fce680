import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshName, waitFor } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { expect, test } from 'vitest';
import { createWorker } from '../src/index.ts';
import { AmqpSide } from './amqp-side.ts';
import { action, quiet } from './scheduler-side.ts';

test('a worker does its work with the rights that the documentation names', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/deployment.md'), 'utf8');
  const rights = page.match(/set_permissions -p VHOST mailer '(.*)' '(.*)' '(.*)'/)?.slice(1) ?? [];
  const [configure, write, read] = rights.map((right) => right.replace('send-report', 'a-job'));
  await using side = await AmqpSide.open(await sharedRabbitmq());
  const { vhost } = side;
  const user = freshName('user');
  await vhost.call('PUT', `users/${user}`, { password: 'secret', tags: '' });
  await vhost.call('PUT', `permissions/${encodeURIComponent(vhost.name)}/${user}`, { configure, write, read });
  const url = new URL(vhost.url);
  [url.username, url.password] = [user, 'secret'];
  const worker = createWorker({ url: url.href, jobs: { 'a-job': () => 'done' }, logger: quiet });
  try {
    await worker.start();
    await side.declare({ name: 'a-job' });
    await side.send(action(1));
    await waitFor(() => side.heard.lastOf(1)?.status === 'completed', { message: 'the run to be done' });
    expect(side.heard.of(1)).toEqual(['running', 'completed']);
  } finally {
    await worker.stop();
    await vhost.call('DELETE', `users/${user}`);
  }
});
