import { expect, test } from 'vitest';
import { numberAt, valuesAt } from './values.ts';

const measured = { a: { b: 1 }, list: [{ c: 2 }, { c: 3 }, {}], text: 'x', none: undefined };

test('finds what is at a path', () => {
  expect(valuesAt(measured, 'a.b')).toEqual([1]);
  expect(valuesAt(measured, 'list.c')).toEqual([2, 3]);
  expect(valuesAt(measured, 'a.x')).toEqual([]);
  expect(valuesAt(measured, 'none')).toEqual([]);
  expect(valuesAt(measured, 'text.length')).toEqual([]);
});

test('numbers are numbers', () => {
  expect(numberAt(measured, 'a.b')).toBe(1);
  expect(numberAt(measured, 'text')).toBeUndefined();
  expect(numberAt({ a: Number.NaN }, 'a')).toBeUndefined();
});
