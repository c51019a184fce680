import { expect, test } from 'vitest';
import { topicMatches } from './topic-pattern.ts';

test.each([
  ['#', 'run', true],
  ['#', '', true],
  ['cancel', 'cancel', true],
  ['cancel', 'run', false],
  ['*', 'run', true],
  ['*', 'a.b', false],
  ['a.#', 'a', true],
  ['a.#', 'a.b.c', true],
  ['#.c', 'a.b.c', true],
  ['a.*.c', 'a.b.c', true],
  ['a.*.c', 'a.c', false],
  ['a.#.c.*', 'a.x.y.c.d', true],
])('pattern %s on key %s: %s', (pattern, key, matches) => {
  expect(topicMatches(pattern, key)).toBe(matches);
});
