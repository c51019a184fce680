import { topologyFor } from '@simple-scheduler/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LaterDeclarations } from './later-declarations.ts';

const [A, B, C] = ['a', 'b', 'c'].map((name) => topologyFor({ name })) as [Topology, Topology, Topology];
type Topology = ReturnType<typeof topologyFor>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('declares one after the other, after a while and at a distance', async () => {
  const begun: string[] = [];
  const later = new LaterDeclarations(async ({ key }) => void begun.push(key));
  for (const topology of [A, B, C]) later.add(topology);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(begun).toEqual([]);
  await vi.advanceTimersByTimeAsync(105);
  expect(begun).toEqual([A.key]);
  await vi.advanceTimersByTimeAsync(100);
  expect(begun).toEqual([A.key, B.key, C.key]);
});

test('declares what is added while it is at work, and after it was done', async () => {
  const begun: string[] = [];
  const later = new LaterDeclarations(async ({ key }) => {
    begun.push(key);
    if (key === A.key) later.add(B);
  });
  later.add(A);
  await vi.advanceTimersByTimeAsync(3_000);
  later.add(C);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(begun).toEqual([A.key, B.key, C.key]);
});

test('leaves out what is dropped; who drops what is being declared waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun: string[] = [];
  const later = new LaterDeclarations(async ({ key }) => {
    begun.push(key);
    await promise;
  });
  for (const topology of [A, B, C]) later.add(topology);
  await vi.advanceTimersByTimeAsync(2_000);
  await later.drop(B.key);
  let isDropped = false;
  const dropping = later.drop(A.key).then(() => {
    isDropped = true;
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(isDropped).toBe(false);
  resolve();
  await dropping;
  await vi.advanceTimersByTimeAsync(100);
  expect(begun).toEqual([A.key, C.key]);
});

test('declares nothing more once it is cleared, and leaves no timer behind', async () => {
  const begun: string[] = [];
  const later = new LaterDeclarations(async ({ key }) => void begun.push(key));
  later.add(A);
  later.clear();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  later.add(B);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(begun).toEqual([B.key]);
});
