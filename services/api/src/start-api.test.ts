import { randomBytes } from 'node:crypto';
import { waitFor } from '@simple-scheduler/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { type RunningApi, startApi } from './start-api.ts';

let parts: ApiUnderTest;
const running: RunningApi[] = [];
beforeEach(async () => {
  parts = await openApi();
});
afterEach(async () => {
  for (const api of running.splice(0)) await api.stop();
  await parts.close();
});

async function start(port = 0): Promise<{ api: RunningApi; url: string }> {
  const api = await startApi({
    settings: { address: { host: '127.0.0.1', port }, auth: { kind: 'none' }, corsOrigins: [], requestsPerMinute: 0 },
    context: parts.context,
    readiness: parts.readiness,
  });
  running.push(api);
  return { api, url: `http://127.0.0.1:${api.address.port}` };
}

describe('the API as a service', () => {
  it('serves on the address that it was given, and warns of missing authentication', async () => {
    const { url } = await start();
    const status = (await (await fetch(`${url}/api/status`)).json()) as { status: string; version: string };
    expect(status).toMatchObject({ status: 'OK', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(parts.logged).toContain('warn AUTH=none: no authentication; everyone on this machine may do everything');
  });

  it('is ready while its database answers', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      status: 'OK',
      checks: { database: { ok: true } },
      bus: 'connected',
    });
    await parts.store.close();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says what to change when its address is taken', async () => {
    const { api } = await start();
    await expect(start(api.address.port)).rejects.toThrow(/is taken by another process.*SIMPLE_SCHEDULER_API_URL/);
  });

  it('answers what is in flight before it stops, and stops twice', async () => {
    const { api, url } = await start();
    const name = randomBytes(8).toString('hex');
    const answered = fetch(`${url}/api/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    await waitFor(async () => (await parts.store.getJob(name)) !== null, { intervalMs: 1 });
    await Promise.all([api.stop(), api.stop()]);
    expect((await answered).status).toBe(201);
    await expect(fetch(`${url}/api/status`)).rejects.toThrow('fetch failed');
  });
});
