import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from './cron-expression.ts';
import type { CronFields } from './cron-fields.ts';
import { validateCron } from './index.ts';

function parsed(expression: string): CronFields {
  const result = parseCron(expression);
  if (!result.ok) throw new Error(result.error);
  return result.fields;
}

function problem(expression: string): string {
  const result = parseCron(expression);
  if (result.ok) throw new Error(`${JSON.stringify(expression)} was accepted`);
  return result.error;
}

const EVERY_MONTH = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

describe('parseCron accepts', () => {
  it('five fields at second 0, and six with the second first', () => {
    expect(parsed('30 2 * * *')).toEqual({
      seconds: [0],
      minutes: [30],
      hours: [2],
      days: { months: EVERY_MONTH, dayOfMonth: null, dayOfWeek: null },
    });
    expect(parsed('5,35 30 2 * * *').seconds).toEqual([5, 35]);
  });

  it('any blanks between fields and any case', () => {
    expect(parsed('  30\t2  * jan MON-fri ')).toEqual(parsed('30 2 * 1 1-5'));
  });

  it.each([
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * 0'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    ['@hourly', '0 * * * *'],
    ['@Daily', '0 0 * * *'],
  ])('the macro %s as %s', (macro, expression) => {
    expect(parsed(macro)).toEqual(parsed(expression));
  });

  it.each([
    ['5/15', [5, 20, 35, 50]],
    ['*/20', [0, 20, 40]],
    ['10-20/5', [10, 15, 20]],
    ['59,00,7', [0, 7, 59]],
  ])('the minute %s', (minute, minutes) => {
    expect(parsed(`${minute} * * * *`).minutes).toEqual(minutes);
  });

  it.each([
    ['7', [0]],
    ['SUN', [0]],
    ['5-7', [0, 5, 6]],
    ['MON,wed', [1, 3]],
    ['*/2', [0, 2, 4, 6]],
    ['1/2', [1, 3, 5]],
    ['0-7', [0, 1, 2, 3, 4, 5, 6]],
  ])('the day of week %s', (dayOfWeek, weekdays) => {
    expect(parsed(`0 0 * * ${dayOfWeek}`).days.dayOfWeek).toEqual({ weekdays, nth: null, lastWeekdays: [] });
  });

  it('L, 5L, # and ?', () => {
    expect(parsed('0 0 L * ?').days.dayOfMonth).toEqual({ days: [], lastDay: true });
    expect(parsed('0 0 15,L * *').days.dayOfMonth).toEqual({ days: [15], lastDay: true });
    expect(parsed('0 0 ? * 5L').days.dayOfWeek).toEqual({ weekdays: [], nth: null, lastWeekdays: [5] });
    expect(parsed('0 0 * * FRIL,7L,1').days.dayOfWeek).toEqual({ weekdays: [1], nth: null, lastWeekdays: [0, 5] });
    expect(parsed('0 0 * * MON#2').days.dayOfWeek).toEqual({ weekdays: [1], nth: 2, lastWeekdays: [] });
    expect(parsed('0 0 ? * ?').days).toEqual(parsed('0 0 * * *').days);
  });

  it('a date of no year when the day of week can match instead', () => {
    expect(parsed('0 0 30 2 1').days.dayOfMonth?.days).toEqual([30]);
  });

  it('29 February and 256 characters', () => {
    expect(validateCron('0 0 29 2 *', 'Europe/Berlin')).toBeNull();
    expect(validateCron(`${' '.repeat(247)}* * * * *`, 'UTC')).toBeNull();
  });
});

describe('parseCron refuses, naming the field and a right form,', () => {
  it.each([
    ['', 'has 0 fields'],
    ['   ', 'has 0 fields'],
    ['* * *', 'has 3 fields, needs 5 (minute hour'],
    ['* * * * * * 2030', 'has 7 fields'],
    ['@reboot', 'macro "@reboot" is unknown; use one of @yearly'],
    ['@minutely', 'macro "@minutely" is unknown'],
    ['60 * * * *', 'minute "60" has 60, outside 0-59; for example */15'],
    ['-1 * * * *', 'minute "-1"'],
    ['1- * * * *', 'minute "1-"'],
    ['1,,2 * * * *', 'minute "1,,2" has an empty list item'],
    ['0x1 * * * *', 'minute "0X1"'],
    ['1e1 * * * *', 'minute "1E1"'],
    ['1.5 * * * *', 'minute "1.5"'],
    ['1\n2 * * * *', 'minute "1\\n2"'],
    ['٣ * * * *', 'minute "٣"'],
    ['60 0 0 * * *', 'second "60" has 60, outside 0-59'],
    ['0 24 * * *', 'hour "24" has 24, outside 0-23; for example 9-17'],
    ['0 22-2 * * *', 'hour "22-2" has the backward range 22-2, to be written 22-23,0-2'],
    ['0 0 0 * *', 'day of month "0" has 0, outside 1-31'],
    ['0 0 1L * *', 'day of month "1L"'],
    ['0 0 L-3 * *', 'day of month "L-3"'],
    ['0 0 15W * *', 'day of month "15W" uses W'],
    ['0 0 LW * *', 'day of month "LW" uses W'],
    ['0 0 * 13 *', 'month "13" has 13, outside 1-12 or JAN-DEC'],
    ['0 0 * foo *', 'month "FOO" has FOO, outside 1-12 or JAN-DEC'],
    ['0 0 * janfeb *', 'month "JANFEB"'],
    ['0 0 * * 8', 'day of week "8" has 8, outside 0-7 or SUN-SAT'],
    ['0 0 * * sat-sun', 'day of week "SAT-SUN" has the backward range SAT-SUN, to be written 6,0'],
    ['0 0 * * L', 'day of week "L" has L without a weekday: write 6L'],
    ['0 0 * * 1-5L', 'day of week "1-5L"'],
    ['0 0 * * 1#6', 'day of week "1#6" has a # that is not <weekday>#<1-5>'],
    ['0 0 * * 1#2.5', 'day of week "1#2.5" has a # that is not'],
    ['0 0 * * *#2', 'day of week "*#2" has a # that is not'],
    ['0 0 * * 1#2,3', 'day of week "1#2,3" has a # in a list'],
    ['0 0 * * 7/1', 'Invalid range: 7-6'],
  ])('%j', (expression, part) => {
    expect(problem(expression)).toContain(part);
    expect(problem(expression)).toMatch(/for example|use one of/);
  });

  it.each([
    ['H * * * *', 'minute "H" uses H (hashed values), which is not supported'],
    ['H/15 * * * *', 'minute "H/15" uses H'],
    ['H(0-7) * * * *', 'minute "H(0-7)" uses H'],
    ['*,5 * * * *', 'minute "*,5" has a * in a list'],
    ['? * * * *', 'minute "?" has a ?, which stands only for a whole day field'],
    ['0 0 ?/5 * *', 'day of month "?/5" has a ?'],
    ['*/90 * * * *', 'minute "*/90" has step 90, which reaches no second value up to 59'],
    ['0 1-5/5 * * *', 'hour "1-5/5" has step 5, which reaches no second value up to 5'],
    ['*/0 * * * *', 'minute "*/0" has a step of 0'],
    ['0,0 * * * *', 'minute lists 0 more than once; name each value once'],
    ['0 0 1-5,3 * *', 'day of month lists 3 more than once'],
    ['0 0 * * 0,7', 'day of week lists 0 more than once'],
    ['0 0 */2 * 1', 'both restricted, one by a step over *, which crons read differently; write 1-31/2'],
    ['0 0 1 * */2', 'write 0-6/2'],
  ])('%j, which cron-parser takes or reads in a surprising way', (expression, part) => {
    expect(problem(expression)).toContain(part);
  });

  it.each(['0 0 30 2 *', '0 0 31 2,4,6,9,11 *', '0 0 30,31 2 ?', '0 0 0 30 FEB *'])(
    'the impossible date %j',
    (cron) => {
      expect(problem(cron)).toContain('so the expression would never fire; for example "0 0 L 2 *"');
      expect(validateCron(cron, 'UTC')).toBe(problem(cron));
    },
  );

  it('more than 256 characters, before looking at any of them', () => {
    expect(problem(`${' '.repeat(248)}* * * * *`)).toContain('has 257 characters, at most 256');
    expect(problem('0,'.repeat(500_000))).toContain('has 1000000 characters');
  });

  it('whatever else it is given, with one line of bounded length and without throwing', () => {
    const token = fc.constantFrom(
      '*',
      '?',
      'L',
      'W',
      'H',
      '#',
      '/',
      '-',
      ',',
      '0',
      '7',
      '31',
      '59',
      'MON',
      'feb',
      ' ',
      'é',
    );
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(token, { maxLength: 30 }));
    fc.assert(
      fc.property(text, (raw) => {
        const result = parseCron(typeof raw === 'string' ? raw : raw.join(''));
        if (!result.ok) expect(result.error).toMatch(/^[^\n\r]{10,900}$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('validateCron', () => {
  it('checks the zone too', () => {
    expect(validateCron('* * * * *', 'Mars/Olympus')).toContain('timezone "Mars/Olympus" is unknown');
    expect(validateCron('* * * * *', 'Europe/Berlin')).toBeNull();
  });
});
