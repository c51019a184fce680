import { freePort, waitFor } from '@simple-scheduler/testkit';
import { expect, it } from 'vitest';
import { saying, start } from './started-service.ts';

it('serves at once where the message bus is away, and is ready without it', { timeout: 120_000 }, async () => {
  const port = await freePort();
  const running = await start('api', {
    DB_TYPE: 'sqlite',
    DB_CONNECTION_STRING: './api.db',
    MESSAGEBUS_CONNECTION_STRING: `amqp://127.0.0.1:${await freePort()}/`,
    AUTH: 'none',
    API_URL: `127.0.0.1:${port}`,
  });
  const jobs = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/api/jobs`);
  await waitFor(async () => (await jobs().catch(() => undefined))?.status === 200, { timeoutMs: 60_000 });
  expect(running.said()).not.toMatch(/the message bus is away|"msg":"ready"/);
  await saying(running, /the message bus is away.*[^]*"msg":"ready"/);
  expect((await jobs()).status).toBe(200);
});
