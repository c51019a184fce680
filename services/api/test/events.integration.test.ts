import { openStore } from '@simple-scheduler/drivers';
import type { ChangeSource, Store } from '@simple-scheduler/engine';
import { Secret } from '@simple-scheduler/runtime';
import { freshDatabase, startMongodb, startStandaloneMongodb, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { afterEach, expect, it } from 'vitest';
import { serveApi } from '../src/index.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { type EventReader, readEvents } from './event-reader.ts';

const silent = (): void => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const open = (url: string, name: string): Promise<Store & ChangeSource> =>
  openStore({ type: 'mongodb', connectionString: new Secret(url), name }, { log });

async function serve(opened: Store & ChangeSource): Promise<{ api: ApiUnderTest; url: string }> {
  const api = await openApi({ opened });
  closing.push(() => api.close());
  const { address } = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
  return { api, url: `http://127.0.0.1:${address.port}/api/events` };
}

async function follow(url: string, after?: string): Promise<EventReader> {
  const reader = await readEvents(url, after === undefined ? {} : { 'last-event-id': after });
  closing.push(() => reader.close());
  await reader.event('ready');
  return reader;
}

const create = (api: ApiUnderTest, name: string): Promise<unknown> => api.send('POST', '/api/jobs', { name });
const hears = (reader: EventReader, name: string): Promise<unknown> =>
  reader.event('job.changed', (data) => data['name'] === name);

it('two APIs tell the same, and each goes on where the other one was left', async () => {
  const { url } = await sharedMongodb();
  const database = freshDatabase();
  const [one, other] = [await serve(await open(url, database)), await serve(await open(url, database))];
  const [here, there] = [await follow(one.url), await follow(other.url)];
  for (const name of ['a', 'b', 'c']) await create(one.api, name);
  await Promise.all([hears(here, 'c'), hears(there, 'c')]);
  expect(there.events.slice(1).map(({ id, data }) => [id, data['name']])).toEqual(
    here.events.slice(1).map(({ id, data }) => [id, data['name']]),
  );
  here.close();
  await create(one.api, 'd');
  const moved = await follow(other.url, here.lastId());
  await hears(moved, 'd');
  // One that begins now has nothing of that, and looks it up.
  const late = await serve(await open(url, database));
  const back = await follow(late.url, here.events[1]?.id);
  await hears(back, 'd');
  expect(back.events.map(({ data }) => data['name'])).toEqual([undefined, 'b', 'c', 'd']);
  const lost = await follow(late.url, `8200000001${here.lastId()?.slice(10)}`);
  await lost.event('reset');
  await create(late.api, 'e');
  for (const reader of [moved, back, lost, there]) await hears(reader, 'e');
});

it('a database that goes away and comes back costs no stream an event', async () => {
  const server = await startMongodb();
  closing.push(() => server.remove());
  const { api, url } = await serve(await open(server.url, freshDatabase()));
  const reader = await follow(url);
  await create(api, 'before');
  await hears(reader, 'before');
  await server.kill();
  const status = async (): Promise<number> => {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  };
  await waitFor(async () => (await status()) === 503, { timeoutMs: 60_000, message: 'a refusal' });
  await server.start();
  await waitFor(async () => api.store.ping().then(() => true), { timeoutMs: 60_000, message: 'the database' });
  await create(api, 'after');
  await hears(reader, 'after');
  expect(reader.events.map(({ event }) => event)).not.toContain('reset');
});

it('a lone MongoDB server is told of', async () => {
  await using server = await startStandaloneMongodb();
  const { api } = await serve(await open(server.url, freshDatabase()));
  const refused = await api.send('GET', '/api/events');
  expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([
    503,
    expect.stringContaining('replica set'),
  ]);
  await closing.pop()?.();
});
