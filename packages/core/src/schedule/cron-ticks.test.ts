import { describe, expect, it } from 'vitest';
import { tickSource } from './index.ts';

/** The ticks of (after, at], as far as the 12th, in minutes precision. */
function ticks(expression: string, timezone: string, after: string, at: string): string[] {
  const source = tickSource({ kind: 'cron', expression, timezone });
  const found: string[] = [];
  let tick = source.next(Date.parse(after));
  while (tick !== null && tick <= Date.parse(at) && found.length < 12) {
    found.push(new Date(tick).toISOString().replace(':00.000Z', 'Z'));
    tick = source.next(tick);
  }
  expect(source.count({ after: Date.parse(after), at: Date.parse(at) })).toBe(found.length);
  return found;
}

describe('a wall time that the clock skips', () => {
  it('fires once, at the first moment after the gap', () => {
    const days = (expression: string): string[] =>
      ticks(expression, 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T12:00Z');
    expect(days('30 2 * * *')).toEqual(['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']);
    expect(days('0 3 * * *')).toEqual(['2026-03-28T02:00Z', '2026-03-29T01:00Z', '2026-03-30T01:00Z']);
  });

  it('collapses with the others of its gap and with a regular tick at its end', () => {
    const sunday = (expression: string): string[] =>
      ticks(expression, 'Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T02:00Z');
    expect(sunday('*/10 2 * * *')).toEqual(['2026-03-29T01:00Z']);
    expect(sunday('0,30 2-3 * * *')).toEqual(['2026-03-29T01:00Z', '2026-03-29T01:30Z']);
    expect(sunday('30 2,3 * * *')).toEqual(['2026-03-29T01:00Z', '2026-03-29T01:30Z']);
  });

  it('does not fire when the expression allows every hour', () => {
    expect(ticks('30 * * * *', 'Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T02:00Z')).toEqual([
      '2026-03-28T23:30Z',
      '2026-03-29T00:30Z',
      '2026-03-29T01:30Z',
    ]);
  });
});

describe('a wall time that comes twice', () => {
  it('fires at its first coming only', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('fires in both passes when the expression allows every hour', () => {
    expect(ticks('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', '2026-10-25T02:00Z')).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:00Z',
    ]);
  });

  it('is not found again by a search that starts inside the second pass', () => {
    const source = tickSource({ kind: 'cron', expression: '15,45 2 * * *', timezone: 'Europe/Berlin' });
    const inSecondPass = Date.parse('2026-10-25T01:20Z');
    expect(source.next(inSecondPass)).toBe(Date.parse('2026-10-26T01:15Z'));
    expect(source.last({ after: 0, at: inSecondPass })).toBe(Date.parse('2026-10-25T00:45Z'));
  });
});

// Zone, local wall time as a cron, the ticks around the change. The changes are those of the table "DST vectors".
describe.each([
  [
    'America/Los_Angeles',
    '30 2 * * *',
    '2026-03-07T12:00Z',
    '2026-03-09T12:00Z',
    ['2026-03-08T10:00Z', '2026-03-09T09:30Z'],
  ],
  [
    'America/Los_Angeles',
    '30 1 * * *',
    '2026-10-31T12:00Z',
    '2026-11-02T12:00Z',
    ['2026-11-01T08:30Z', '2026-11-02T09:30Z'],
  ],
  [
    'Europe/Berlin',
    '0 0 2 * * *',
    '2026-03-28T12:00Z',
    '2026-03-30T12:00Z',
    ['2026-03-29T01:00Z', '2026-03-30T00:00Z'],
  ],
  [
    'Australia/Lord_Howe',
    '45 1 * * *',
    '2026-04-04T12:00Z',
    '2026-04-05T20:00Z',
    ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
  ],
  [
    'Australia/Lord_Howe',
    '15 2 * * *',
    '2026-10-03T12:00Z',
    '2026-10-04T20:00Z',
    ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
  ],
  [
    'Australia/Lord_Howe',
    '15,45 2 * * *',
    '2026-10-03T12:00Z',
    '2026-10-03T20:00Z',
    ['2026-10-03T15:30Z', '2026-10-03T15:45Z'],
  ],
  [
    'America/Santiago',
    '30 23 * * *',
    '2026-04-04T12:00Z',
    '2026-04-06T12:00Z',
    ['2026-04-05T02:30Z', '2026-04-06T03:30Z'],
  ],
  [
    'America/Santiago',
    '0 0 * * *',
    '2026-09-05T12:00Z',
    '2026-09-07T12:00Z',
    ['2026-09-06T04:00Z', '2026-09-07T03:00Z'],
  ],
  ['Africa/Cairo', '0 0 * * *', '2026-04-23T12:00Z', '2026-04-25T12:00Z', ['2026-04-23T22:00Z', '2026-04-24T21:00Z']],
  ['Africa/Cairo', '30 23 * * 4', '2026-10-29T12:00Z', '2026-10-30T12:00Z', ['2026-10-29T20:30Z']],
  [
    'Africa/Casablanca',
    '30 2 * * *',
    '2026-02-14T12:00Z',
    '2026-02-16T12:00Z',
    ['2026-02-15T01:30Z', '2026-02-16T02:30Z'],
  ],
  [
    'Africa/Casablanca',
    '30 2 * * *',
    '2026-03-21T12:00Z',
    '2026-03-23T12:00Z',
    ['2026-03-22T02:00Z', '2026-03-23T01:30Z'],
  ],
  ['America/Sao_Paulo', '@daily', '2018-11-03T12:00Z', '2018-11-05T12:00Z', ['2018-11-04T03:00Z', '2018-11-05T02:00Z']],
  ['America/Sao_Paulo', '15 0 4 11 *', '2018-11-01T12:00Z', '2018-11-06T12:00Z', ['2018-11-04T03:00Z']],
  [
    'Pacific/Apia',
    '0 9 * * *',
    '2011-12-29T12:00Z',
    '2012-01-01T12:00Z',
    ['2011-12-29T19:00Z', '2011-12-30T10:00Z', '2011-12-30T19:00Z', '2011-12-31T19:00Z'],
  ],
  ['Pacific/Apia', '0 9,17 30 12 *', '2011-12-01T00:00Z', '2012-01-31T00:00Z', ['2011-12-30T10:00Z']],
  ['Pacific/Apia', '0 * 30 12 *', '2011-12-01T00:00Z', '2012-01-31T00:00Z', []],
  ['Asia/Kathmandu', '0 6 * * *', '2026-03-28T12:00Z', '2026-03-30T12:00Z', ['2026-03-29T00:15Z', '2026-03-30T00:15Z']],
])('%s %j', (timezone, expression, after, at, expected) => {
  it(`between ${after} and ${at}`, () => {
    expect(ticks(expression, timezone, after, at)).toEqual(expected);
  });
});

describe('rare days', () => {
  const next = (expression: string, after: string, timezone = 'UTC'): string => {
    const tick = tickSource({ kind: 'cron', expression, timezone }).next(Date.parse(after));
    return tick === null ? 'never' : new Date(tick).toISOString();
  };

  it('are found across the century without a leap day', () => {
    expect(next('0 0 29 2 *', '2024-03-01T00:00Z')).toBe('2028-02-29T00:00:00.000Z');
    expect(next('0 0 29 2 *', '2096-03-01T00:00Z')).toBe('2104-02-29T00:00:00.000Z');
    expect(next('30 2 29 2 *', '2024-03-01T00:00Z', 'Asia/Kathmandu')).toBe('2028-02-28T20:45:00.000Z');
  });

  it('are found forty years ahead and back', () => {
    expect(next('0 0 ? 2 1#5', '2072-03-01T00:00Z')).toBe('2112-02-29T00:00:00.000Z');
    expect(next('0 0 ? 2 1#5', '2072-03-01T00:00Z', 'America/New_York')).toBe('2112-02-29T05:00:00.000Z');
    const source = tickSource({ kind: 'cron', expression: '0 0 ? 2 1#5', timezone: 'America/New_York' });
    expect(source.last({ after: 0, at: Date.parse('2112-02-28T00:00Z') })).toBe(Date.parse('2072-02-29T05:00Z'));
  });
});
