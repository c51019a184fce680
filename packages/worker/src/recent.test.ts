import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('remembers the newest keys, for a while', () => {
  let now = 0;
  const recent = new Recent<number>({ max: 3, ttlMs: 100, now: () => now });
  for (const key of ['a', 'b', 'c']) recent.set(key, now++);
  recent.set('a', 7); // is the newest now
  recent.set('d', 8);
  expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual([7, undefined, 2, 8]);
  now = 103;
  expect(recent.has('c')).toBe(true);
  now = 104;
  expect(recent.has('c')).toBe(false);
  recent.set('e', 9);
  expect(recent.size).toBe(1); // what is too old went
});

test('remembers no more than so much weight, and always the newest', () => {
  const recent = new Recent<string>({ max: 10, ttlMs: 100, maxWeight: 5, weigh: (value) => value.length });
  recent.set('a', 'xx');
  recent.set('b', 'xxx');
  recent.set('a', 'x'); // weighs less now, and is the newest
  recent.set('c', 'x');
  expect(recent.size).toBe(3);
  recent.set('d', 'x');
  expect(['a', 'b', 'c', 'd'].map((key) => recent.has(key))).toEqual([true, false, true, true]);
  recent.set('e', 'xxxxxxx');
  expect([recent.size, recent.has('e')]).toEqual([1, true]);
});
