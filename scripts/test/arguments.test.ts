import { expect, test } from 'vitest';
import { parseTestArguments, STEPS } from './arguments.ts';

test('without arguments every step runs', () => {
  expect(parseTestArguments([])).toEqual({ steps: STEPS, filters: [] });
});

test('named steps run in their usual order', () => {
  expect(parseTestArguments(['--only', 'e2e,unit', '--only', 'lint']).steps).toEqual(['lint', 'unit', 'e2e']);
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
