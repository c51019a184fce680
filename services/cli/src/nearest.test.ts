import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const NAMES = ['send-report', 'nightly', 'nightly-2', 'a'];

test.each([
  ['send-reprot', 'send-report'],
  ['SEND-REPORT', 'send-report'],
  ['sendreport', 'send-report'],
  ['nigthly', 'nightly'],
  ['nightly2', 'nightly'],
  ['nightly-3', 'nightly-2'],
  ['b', undefined],
  ['completely-else', undefined],
  ['', undefined],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, NAMES)).toBe(meant);
});

test('nothing is near to nothing', () => {
  expect(nearest('x', [])).toBeUndefined();
});
