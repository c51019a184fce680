import { expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

it('runs with the sample unless told otherwise', () => {
  expect(readArguments([])).toEqual({ kind: 'run', overrides: {} });
  expect(readArguments(['--no-sample'])).toEqual({ kind: 'run', overrides: { SAMPLE: 'false' } });
});

it('prints its usage when asked, and when it does not understand', () => {
  expect(readArguments(['--help'])).toMatchObject({ kind: 'print', exitCode: 0 });
  const refused = readArguments(['--nosample']);
  expect(refused).toMatchObject({ kind: 'print', exitCode: 2 });
  expect(refused.kind === 'print' && refused.text).toContain('--nosample');
});
