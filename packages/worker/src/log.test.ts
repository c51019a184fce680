import { expect, onTestFinished, test, vi } from 'vitest';
import { stderrLog } from './log.ts';

const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each([
  ['an error, with its stack', { error: new Error('boom') }, /"error":"Error: boom\\n +at .*"/],
  ['a big integer', { count: 10n }, /count: 10n/],
  ['a cycle', cycle, /self: \[Circular \*1\]/],
])('the log of last resort writes a line for whatever a handler logs: %s', (_what, fields, expected) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  stderrLog.warn(fields, 'odd');
  const line = String(write.mock.calls[0]?.[0]);
  expect(line).toMatch(/^\S+ warn odd .*\n$/);
  expect(line).toMatch(expected);
});
