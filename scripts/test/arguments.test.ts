import { expect, test } from 'vitest';
import { parseTestArguments, STEPS } from './arguments.ts';

test('without arguments every step runs', () => {
  expect(parseTestArguments([])).toEqual({ steps: STEPS, filters: [] });
});

test('named steps run in their usual order', () => {
  expect(parseTestArguments(['--only', 'sim,unit', '--only', 'lint']).steps).toEqual(['lint', 'unit', 'sim']);
});

test('end-to-end tests bring the build that they run', () => {
  expect(parseTestArguments(['--project', 'e2e', 'e2e/src/cancel'])).toEqual({
    steps: ['build', 'e2e'],
    filters: ['e2e/src/cancel'],
  });
});

test('a project takes parts of paths', () => {
  expect(parseTestArguments(['--project', 'integration', 'packages/x'])).toEqual({
    steps: ['integration'],
    filters: ['packages/x'],
  });
});

test.each([
  [['--only', 'nothing'], 'There is no step nothing'],
  [['packages/x'], 'name a project'],
  [['--only', 'lint', 'packages/x'], 'name a project'],
  [['--what'], '--what'],
])('%j is refused', (args, message) => {
  expect(() => parseTestArguments(args)).toThrow(message);
});
