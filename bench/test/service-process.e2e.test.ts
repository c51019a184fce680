import { waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { expect, test } from 'vitest';
import { startService } from '../src/service-process.ts';

const NOBODY = 'amqp://127.0.0.1:1';

test('a service that does not get ready is ended, so that the benchmark ends too', async () => {
  const children = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;
  const before = children();
  const starting = startService({
    name: 'scheduler-1',
    service: 'scheduler',
    env: {
      SIMPLE_SCHEDULER_DB_CONNECTION_STRING: (await sharedMongodb()).url,
      SIMPLE_SCHEDULER_DB_NAME: 'never-ready',
      SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: NOBODY,
      SIMPLE_SCHEDULER_HEALTH_URL: '127.0.0.1:0',
      SIMPLE_SCHEDULER_LOG_FORMAT: 'json',
    },
    profileFolder: undefined,
    readyTimeLimitMs: 2_000,
  });
  await expect(starting).rejects.toThrow('scheduler-1 was not ready within 2000 ms');
  await waitFor(() => children() === before);
});
