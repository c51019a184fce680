import { describe, expect, it } from 'vitest';
import { Secret } from '../settings/secret.ts';
import { createLog } from './log.ts';
import type { LogOptions } from './log.ts';
import { scrubLine } from './scrub.ts';

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ service: 'scheduler', level: 'debug', format: 'json', destination, ...options });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { log, lines, last };
}

describe('lines', () => {
  it('are JSON with time, level by name, service and fields', () => {
    const { log, last } = capture();
    log.child({ runId: 'r1' }).warn({ count: 2 }, 'something');
    expect(last()).toMatchObject({ level: 'warn', service: 'scheduler', runId: 'r1', count: 2, msg: 'something' });
    expect(Date.parse(String(last()['time']))).toBeGreaterThan(0);
  });

  it('below the level are left out', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info({}, 'not this');
    log.error({}, 'this');
    expect(lines).toHaveLength(1);
  });

  it('hold errors with their causes, under err and error', () => {
    const { log, last } = capture();
    log.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(last()['error']).toMatchObject({ type: 'Error', message: 'outer', cause: { message: 'inner' } });
  });

  it('hold of an error what it is, and no document that hangs on it', () => {
    const { log, last } = capture();
    const cause = Object.assign(new TypeError('inner'), {
      code: 17_419,
      writeErrors: [{ op: { output: 'somebody’s' } }],
    });
    const errors = [new Error('one'), new Error('two')];
    log.error(
      {
        err: Object.assign(new AggregateError(errors, 'outer', { cause }), {
          cause,
          result: {},
          hint: 'x'.repeat(999),
        }),
      },
      'failed',
    );
    expect(last()['err']).toEqual({
      type: 'AggregateError',
      message: 'outer',
      stack: expect.stringContaining('outer'),
      cause: { type: 'TypeError', message: 'inner', stack: expect.any(String), code: 17_419 },
      errors: [expect.objectContaining({ message: 'one' }), expect.objectContaining({ message: 'two' })],
    });
  });

  it('hold an error that is its own cause', () => {
    const { log, last } = capture();
    const error = new Error('round');
    log.error({ error: Object.assign(error, { cause: error }) }, 'failed');
    expect(last()['error']).toMatchObject({ message: 'round', cause: { message: 'round' } });
  });

  it('are for people on a terminal, and JSON elsewhere, unless told otherwise', () => {
    const text = (options: Partial<LogOptions>): string => {
      const { log, lines } = capture(options);
      log.info({ jobs: 3 }, 'hello');
      return lines.join('');
    };
    const unset = { format: undefined } as unknown as Partial<LogOptions>;
    expect(text({ ...unset, terminal: false })).toMatch(/^\{"level":"info"/);
    expect(text({ ...unset, terminal: true })).toMatch(/INFO.*hello/s);
    expect(text({ format: 'json', terminal: true })).toMatch(/^\{"level":"info"/);
    expect(text({ format: 'pretty', terminal: false })).toMatch(/INFO: hello/);
  });
});

describe('the ready line', () => {
  it('is written once, with its fields, whatever the level', () => {
    const { log, lines, last } = capture({ level: 'error' });
    log.ready({ port: 1 });
    log.ready();
    log.child({}).ready();
    expect(lines).toHaveLength(1);
    expect(last()).toMatchObject({ level: 'info', msg: 'ready', port: 1 });
  });
});

describe('secrets', () => {
  it.each([
    [{ headers: { authorization: 'Basic dTpw', 'Set-Cookie': 'sid=dTpw' } }],
    [{ deep: { deeper: { client_secret: 'x"dTpw', refreshToken: 'dTpw' } } }],
    [{ url: 'amqp://bob:dTpw@mq:5672/?x=1' }],
    [{ error: new Error('connect mongodb://ada:dTpw@db/x failed', { cause: new Error('amqp://a:dTpw@b') }) }],
    [{ detail: 'sent Bearer dTpwdTpwdTpwdTpwdTpwdTpw to it' }],
    [{ uri: new Secret('dTpw') }],
  ])('do not get into a line: %o', (fields) => {
    for (const format of ['json', 'pretty'] as const) {
      const { log, lines } = capture({ format });
      log.info(fields, 'with amqp://u:dTpw@h in its text');
      expect(lines.join('')).not.toContain('dTpw');
      expect(lines.join('')).toContain('***@');
    }
  });

  it('are cut from tokens wherever they stand', () => {
    const jwt = ['eyJhbGciOiJSUzI1NiJ9', 'eyJzdWIiOiJndWVzdCJ9', 'c2lnbmF0dXJl'].join('.');
    expect(scrubLine(`{"msg":"token ${jwt} refused"}`)).toBe('{"msg":"token [redacted] refused"}');
  });

  it('are all that is cut', () => {
    const { log, last } = capture();
    const fields = {
      leaseToken: 5,
      tokens: ['a'],
      link: 'http://localhost:8080/api/docs',
      mail: 'see http://a.example/x?y=1, or write to me@example.org',
      path: 'C:\\x',
    };
    log.info(fields, 'bearer authentication is "off"');
    expect(last()).toMatchObject({ ...fields, msg: 'bearer authentication is "off"' });
  });

  it('are looked for in time that grows with the line only', () => {
    const size = 200_000;
    const hostile = ['a', ':', 'eyJ', '://', '://a:', 'Bearer ', '-eyJ', '"password":"', '\\"'].map((s) =>
      s.repeat(size / s.length),
    );
    const startedAt = performance.now();
    for (const text of hostile) scrubLine(JSON.stringify({ text, inner: JSON.stringify({ text }) }));
    // A quadratic expression would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
