import { inspect } from 'node:util';
import { jsonBytes, LIMITS } from '@simple-scheduler/contracts';
import { describe, expect, test } from 'vitest';
import { encodeOutput, errorText } from './outcome.ts';

describe('an output', () => {
  test.each([
    [undefined, undefined],
    [null, null],
    [{ at: new Date(0), no: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
    ['text', 'text'],
  ])('%o becomes %o', (value, output) => {
    expect(encodeOutput(value)).toEqual({ ok: true, output, isCut: false });
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each([
    ['a cycle', cycle],
    ['a big integer', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    [
      'an object that cannot be read',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
  ])('that JSON cannot hold is refused in one line: %s', (_what, value) => {
    const encoded = encodeOutput(value);
    expect(encoded).toEqual({ ok: false, error: expect.stringMatching(/^the output cannot be sent as JSON: .+$/) });
  });

  test.each([
    ['text', 'x'.repeat(LIMITS.outputBytes)],
    ['characters of many bytes', '😀'.repeat(LIMITS.outputBytes / 4)],
    ['characters that JSON escapes', '\u0001'.repeat(LIMITS.outputBytes / 2)],
    ['a structure', Array.from({ length: 20_000 }, (_, i) => i)],
  ])('that is too large is cut and marked: %s', (_what, value) => {
    const encoded = encodeOutput(value);
    if (!encoded.ok) throw new Error(encoded.error);
    expect(encoded.isCut).toBe(true);
    expect(encoded.output).toMatch(/… \[cut\]$/);
    expect((encoded.output as string).isWellFormed()).toBe(true);
    expect(jsonBytes(encoded.output)).toBeLessThanOrEqual(LIMITS.outputBytes);
    expect(jsonBytes(encoded.output)).toBeGreaterThan(LIMITS.outputBytes - 6);
  });

  test('is kept as text where no scheduler would take it as deep as it is nested', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    // The status around it is a level, too.
    expect(encodeOutput(nested(LIMITS.messageLevels - 1))).toMatchObject({ isCut: false });
    expect(encodeOutput({ deep: nested(LIMITS.messageLevels - 1) })).toEqual({
      ok: true,
      output: expect.stringMatching(/^\{"deep":\[{999}\]{999}\}$/),
      isCut: true,
    });
  });

  test('of exactly the limit is kept', () => {
    const value = 'x'.repeat(LIMITS.outputBytes - 2);
    expect(encodeOutput(value)).toEqual({ ok: true, output: value, isCut: false });
  });
});

describe('an error', () => {
  test('is told with its message, the top of its stack and its causes, which may go round', () => {
    const root = new Error('root');
    const error = new RangeError('top', { cause: root });
    root.cause = error;
    const lines = errorText(error).split('\n');
    expect(lines[0]).toBe('RangeError: top');
    expect(lines[1]).toMatch(/^\s+at /);
    expect(lines.filter((line) => line.startsWith('caused by: ')).length).toBe(3);
    expect(lines.length).toBeLessThanOrEqual(4 * 7);
  });

  const unreadable = (key: string, value: PropertyDescriptor): Error =>
    Object.defineProperty(new Error('boom'), key, value);
  const fail = (): never => {
    throw new Error('not for you');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  test.each([
    ['an inspector that throws', { [inspect.custom]: fail }, /^\(what was thrown cannot be read\)$/],
    ['a message that throws', unreadable('message', { get: fail }), /^\(what was thrown cannot be read\)$/],
    ['a name that is no text', unreadable('name', { value: Symbol('name') }), /^\(what was thrown cannot be read\)$/],
    [
      'a cause that throws',
      unreadable('cause', { get: fail }),
      /^Error: boom\n.*\n\(what was thrown cannot be read\)$/s,
    ],
    ['a revoked proxy', revoked.proxy, /^\(what was thrown cannot be read\)$/],
  ])('that does not let itself be read is said to be so: %s', (_what, thrown, expected) => {
    expect(errorText(thrown)).toMatch(expected);
  });

  test('of any length and kind fits', () => {
    expect(errorText(new Error('x'.repeat(100_000))).length).toBe(LIMITS.errorChars);
    expect(errorText({ stack: 7, deep: { deeper: { deepest: {} } } })).toContain('deeper');
    const broken = new Error('no stack');
    Object.defineProperty(broken, 'stack', { value: undefined });
    expect(errorText(broken)).toBe('Error: no stack');
  });
});
