import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  booleanArgument,
  countArgument,
  jobNameArgument,
  jsonArgument,
  limitArgument,
  oneOf,
  pairArgument,
  runIdArgument,
} from './arguments.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { parseInstant } from './instant.ts';

describe('durations', () => {
  test.each([
    ['1500', 1_500],
    ['0', 0],
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['0.3s', 300],
    ['2d', 172_800_000],
    ['1w2d3h4m5s6ms', 788_645_006],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    ' ',
    '-5',
    '1.5',
    '5 m',
    '5min',
    'm',
    '30m1h',
    '1s1s',
    '0.0001s',
    '1e3',
    '0x10',
    '9007199254740993',
    '99999999999w',
    '٣s',
  ])('%j is refused', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([0, 1, 999, 1_000, 1_500, 90_000, 5_400_000, 86_400_000, 90_061_001, 315_360_000_000])(
    '%d ms is written in a form that reads back the same',
    (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    },
  );

  test('is written with the largest units first', () => {
    expect([formatDuration(90_000), formatDuration(5_400_000), formatDuration(1_500), formatDuration(0)]).toEqual([
      '1m30s',
      '1h30m',
      '1s500ms',
      '0ms',
    ]);
  });
});

describe('instants', () => {
  const now = Date.parse('2026-03-01T08:00:00.000Z');

  test.each([
    ['now', '2026-03-01T08:00:00.000Z'],
    ['+5m', '2026-03-01T08:05:00.000Z'],
    ['-1h30m', '2026-03-01T06:30:00.000Z'],
    ['2026-03-01T09:00:00+01:00', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00:00.5Z', '2026-03-01T08:00:00.500Z'],
  ])('%s', (text, instant) => {
    expect(parseInstant(text, now)).toBe(instant);
  });

  test.each([
    '2026-03-01',
    '2026-03-01T08:00:00',
    '2026-02-30T08:00:00Z',
    'tomorrow',
    '+',
    '+x',
    '1500',
    '',
    '+99999999w',
  ])('%j is refused', (text) => {
    expect(parseInstant(text, now)).toBeUndefined();
  });
});

describe('arguments', () => {
  test('booleans, counts and names are taken exactly', () => {
    expect([booleanArgument('true'), booleanArgument('false'), countArgument('0'), limitArgument('7')]).toEqual([
      true,
      false,
      0,
      7,
    ]);
    expect(jobNameArgument('a.b_c-1')).toBe('a.b_c-1');
    expect(runIdArgument('0193a1b2c3d4e5f601234567')).toBe('0193a1b2c3d4e5f601234567');
    for (const wrong of ['True', '1', 'yes', '']) expect(() => booleanArgument(wrong)).toThrow('true or false');
    for (const wrong of ['-1', '1.5', '', 'x', '9007199254740993'])
      expect(() => countArgument(wrong)).toThrow('whole number');
    expect(() => limitArgument('0')).toThrow('1 or more');
    for (const wrong of ['', '..', 'a b', '-a', 'a/b', 'x'.repeat(201)])
      expect(() => jobNameArgument(wrong)).toThrow('name');
    for (const wrong of ['', '123', '0193A1B2C3D4E5F601234567'])
      expect(() => runIdArgument(wrong)).toThrow('24 characters');
  });

  test('pairs are collected, the last value of a key holds', () => {
    const one = pairArgument('team=billing', undefined);
    expect(pairArgument('team=a=b', pairArgument('empty=', one))).toEqual({ team: 'a=b', empty: '' });
    expect(Object.keys(pairArgument('__proto__=x', undefined))).toEqual(['__proto__']);
    for (const wrong of ['team', '=x', '']) expect(() => pairArgument(wrong, undefined)).toThrow('key=value');
  });

  test('lists of words are repeated or separated by commas', () => {
    const parse = oneOf(['a', 'b', 'c']);
    expect(parse('c', parse('a, b', undefined))).toEqual(['a', 'b', 'c']);
    expect(() => parse('a,x', undefined)).toThrow('a, b, c');
  });

  test('JSON comes as it stands or from a file, and a fault says which', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-json-'));
    try {
      const path = join(folder, 'payload.json');
      await writeFile(path, '{"to": ["team"]}');
      expect(jsonArgument(`@${path}`)).toEqual({ json: { to: ['team'] } });
      expect(jsonArgument('null')).toEqual({ json: null });
      expect(() => jsonArgument('{to: 1}')).toThrow('not valid JSON');
      expect(() => jsonArgument(`@${folder}/missing`)).toThrow("missing can't be read (ENOENT)");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
