import { freshDatabase, obtainServers, type Servers, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_INTERVALS, PEERS, SERVER_OF, startPeer } from '../src/index.ts';

const TASKS = 20;
const LEAD_MS = 2_000;

let servers: Servers<{ redis: true; postgres: true }>;
let mongodbUrl = '';

beforeAll(async () => {
  mongodbUrl = (await sharedMongodb()).url;
  servers = await obtainServers({ redis: true, postgres: true });
});
afterAll(() => servers?.stop());

const urlFor = (server: 'mongodb' | 'redis' | 'postgres'): string =>
  server === 'mongodb' ? mongodbUrl : servers[server].url;

describe.each(PEERS)('%s', (peer) => {
  test('works on once tasks when they are due, on each once', async () => {
    await using process = await startPeer(peer, { url: urlFor(SERVER_OF[peer]), space: freshDatabase() });
    const dueAt = Date.now() + LEAD_MS;
    const tasks = Array.from({ length: TASKS }, (_, index) => ({ name: `task-${index}`, dueAt: dueAt + index }));
    await process.add({ kind: 'once', tasks });
    await process.start();
    await waitFor(() => process.received >= TASKS, { timeoutMs: 60_000, message: () => `${process.received} tasks` });
    await waitFor(async () => (await process.countDone()) === TASKS, { timeoutMs: 30_000, message: 'all to be done' });
    const executions = await process.executions();
    expect(executions.map(({ name }) => name).toSorted()).toEqual(tasks.map(({ name }) => name).toSorted());
    const due = new Map(tasks.map(({ name, dueAt: at }) => [name, at]));
    for (const { name, dueAt: said, receivedAt } of executions) {
      expect(said).toBe(due.get(name));
      expect(receivedAt).toBeGreaterThanOrEqual(said - 1);
    }
  });
});

test.each(PEERS.filter((peer) => HAS_INTERVALS[peer]))('%s starts tasks again every second', async (peer) => {
  await using process = await startPeer(peer, { url: urlFor(SERVER_OF[peer]), space: freshDatabase() });
  const firstAt = Date.now() + LEAD_MS;
  const tasks = ['a', 'b', 'c'].map((name, index) => ({ name, firstAt: firstAt + index * 300, intervalMs: 1_000 }));
  await process.add({ kind: 'repeated', tasks });
  await process.start();
  await waitFor(() => process.received >= 12, { timeoutMs: 60_000, message: () => `${process.received} ticks` });
  const executions = await process.executions();
  for (const { name } of tasks) {
    const ticks = executions.filter((execution) => execution.name === name).map(({ dueAt }) => dueAt);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ticks).size).toBe(ticks.length);
  }
});
