import { expect, it } from 'vitest';
import { editDistance, nearest } from './suggest.ts';

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['', 'abc', 3],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
  ['DB_TYP', 'DB_TYPE', 1],
])('counts the edits from "%s" to "%s" as %d', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

it('suggests the nearest word, and none where all are far', () => {
  expect(nearest('LOG_LEVL', ['LOG_LEVEL', 'LOG_FORMAT'])).toBe('LOG_LEVEL');
  expect(nearest('COLOUR', ['LOG_LEVEL', 'LOG_FORMAT'])).toBeNull();
});
