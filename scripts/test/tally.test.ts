import { expect, test } from 'vitest';
import { sum, tallyOf } from './tally.ts';

const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

test('counts what passed and what failed', () => {
  const report = { testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')] };
  expect(tallyOf(report, 1)).toEqual({ passed: 3, failed: 1 });
});

test.each(['skipped', 'pending', 'todo'])('counts a %s test as failed', (status) => {
  expect(tallyOf({ testResults: [file('passed', 'passed', status)] }, 0)).toEqual({ passed: 1, failed: 1 });
});

test('counts a file that could not be loaded', () => {
  const report = { testResults: [file('failed'), file('passed', 'passed')] };
  expect(tallyOf(report, 1)).toEqual({ passed: 1, failed: 1 });
});

test('counts a file whose tests passed and whose hooks failed', () => {
  expect(tallyOf({ testResults: [file('failed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 });
});

test('counts an error outside any test', () => {
  expect(tallyOf({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 });
});

test('counts a run that was killed', () => {
  expect(tallyOf({ testResults: [file('passed', 'passed')] }, null)).toEqual({ passed: 1, failed: 1 });
});

test('counts a project without a test, and one without a report', () => {
  expect(tallyOf({ testResults: [] }, 0)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOf(undefined, 0)).toEqual({ passed: 0, failed: 1 });
});

test('adds up', () => {
  expect(
    sum([
      { passed: 1, failed: 2 },
      { passed: 3, failed: 4 },
    ]),
  ).toEqual({ passed: 4, failed: 6 });
});
