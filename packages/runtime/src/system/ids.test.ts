import { expect, it } from 'vitest';
import { createSystemIds } from './ids.ts';

it('makes run ids of 24 hex characters that begin with their time', () => {
  const ids = createSystemIds();
  const at = Date.UTC(2026, 2, 1, 8);
  const id = ids.runId(at);
  expect(id).toMatch(/^[0-9a-f]{24}$/);
  expect(Number.parseInt(id.slice(0, 12), 16)).toBe(at);
  expect(ids.uid()).toMatch(/^[0-9a-f]{24}$/);
  expect(ids.uid()).not.toBe(ids.uid());
});

it('makes run ids of one millisecond that differ and sort in the order in which they were made', () => {
  const ids = createSystemIds();
  const made = Array.from({ length: 100_000 }, () => ids.runId(1));
  expect(new Set(made).size).toBe(made.length);
  expect(made.toSorted()).toEqual(made);
});

it('tells processes apart', () => {
  expect(createSystemIds().runId(1)).not.toBe(createSystemIds().runId(1));
  expect(createSystemIds('abcdef').runId(255)).toBe('0000000000ffabcdef000000');
});
