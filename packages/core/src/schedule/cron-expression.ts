import { CronExpressionParser } from 'cron-parser';
import { closeWeekdayStep, FIELD_GRAMMARS, fieldProblem } from './cron-field-grammar.ts';
import type { CronFields, DayOfMonthRule, DayOfWeekRule } from './cron-fields.ts';

const MAX_CRON_LENGTH = 256;

/** `error` says what is wrong, in which field, and shows a right form. */
export type CronParseResult =
  | { readonly ok: true; readonly fields: CronFields }
  | { readonly ok: false; readonly error: string };

const MACROS = new Map([
  ['@YEARLY', '0 0 1 1 *'],
  ['@ANNUALLY', '0 0 1 1 *'],
  ['@MONTHLY', '0 0 1 * *'],
  ['@WEEKLY', '0 0 * * 0'],
  ['@DAILY', '0 0 * * *'],
  ['@MIDNIGHT', '0 0 * * *'],
  ['@HOURLY', '0 * * * *'],
]);

const FIELD_ORDER = 'minute hour day-of-month month day-of-week';

/**
 * Reads a cron expression of 5 fields, 6 fields (seconds first) or a macro such as `@daily`; case does not matter.
 *
 * Lists, ranges, steps (`5/15` is `5-59/15`), month and weekday names, 7 for Sunday, `?`, `L` (the last day of the
 * month), `5L` (the last Friday) and `1#2` (the second Monday) are understood. With both day fields restricted a day
 * need match only one of them. `cron-field-grammar.ts` lists what is refused on purpose. A date that no year has
 * (30 February) is an error, so every accepted expression has ticks for ever.
 */
export function parseCron(expression: string): CronParseResult {
  if (expression.length > MAX_CRON_LENGTH) {
    return refusal(`cron expression has ${expression.length} characters, at most ${MAX_CRON_LENGTH} are allowed`);
  }
  const text = expression.trim().toUpperCase();
  const macro = MACROS.get(text);
  if (macro === undefined && text.startsWith('@')) {
    const known = [...MACROS.keys()].join(', ').toLowerCase();
    return refusal(`cron macro ${JSON.stringify(expression.trim())} is unknown; use one of ${known}`);
  }
  const atoms = (macro ?? text).split(/[ \t]+/);
  if (text === '' || atoms.length < 5 || atoms.length > 6) {
    const count = text === '' ? 0 : atoms.length;
    return refusal(`cron expression has ${count} fields, needs 5 (${FIELD_ORDER}) or 6 (second first); ${EXAMPLE}`);
  }
  const sixAtoms = atoms.length === 5 ? ['0', ...atoms] : atoms;
  const problem = firstFieldProblem(sixAtoms) ?? dayFieldsProblem(sixAtoms);
  return problem === null ? expand(sixAtoms) : refusal(problem);
}

const EXAMPLE = 'for example "30 2 * * 1-5" for 02:30 on weekdays';

function refusal(error: string): CronParseResult {
  return { ok: false, error };
}

function firstFieldProblem(atoms: readonly string[]): string | null {
  for (const [index, grammar] of FIELD_GRAMMARS.entries()) {
    const field = atoms[index] ?? '';
    const problem = fieldProblem(grammar, field);
    if (problem !== null)
      return `cron ${grammar.name} ${JSON.stringify(field)} ${problem}; for example ${grammar.example}`;
  }
  return null;
}

/**
 * A step over `*` in one day field while the other is restricted: Vixie cron wants both to match, other crons either.
 * Neither reading is safe to guess.
 */
function dayFieldsProblem(atoms: readonly string[]): string | null {
  const dayOfMonth = atoms[3] ?? '';
  const dayOfWeek = atoms[5] ?? '';
  if (isUnrestricted(dayOfMonth) || isUnrestricted(dayOfWeek)) return null;
  const stepped = [dayOfMonth, dayOfWeek].find((field) => field.startsWith('*'));
  if (stepped === undefined) return null;
  const range = stepped === dayOfMonth ? '1-31' : '0-6';
  return (
    `cron day of month "${dayOfMonth}" and day of week "${dayOfWeek}" are both restricted, one by a step over *, ` +
    `which crons read differently; write ${stepped.replace('*', range)} to fire on days that match either field`
  );
}

function isUnrestricted(field: string): boolean {
  return field === '*' || field === '?';
}

function expand(atoms: readonly string[]): CronParseResult {
  const dayOfWeek = closeWeekdayStep(atoms[5] ?? '');
  try {
    // A fixed current date keeps the library from reading the clock; only its field values are used.
    const expression = [...atoms.slice(0, 5), dayOfWeek].join(' ');
    const { fields } = CronExpressionParser.parse(expression, { currentDate: new Date(0), tz: 'UTC' });
    return {
      ok: true,
      fields: {
        seconds: ascending(fields.second.values),
        minutes: ascending(fields.minute.values),
        hours: ascending(fields.hour.values),
        days: {
          months: ascending(fields.month.values),
          dayOfMonth: fields.dayOfMonth.isWildcard ? null : dayOfMonthRule(fields.dayOfMonth.values),
          dayOfWeek: fields.dayOfWeek.isWildcard ? null : dayOfWeekRule(fields.dayOfWeek),
        },
      },
    };
  } catch (error) {
    return refusal(libraryProblem(atoms, error));
  }
}

function dayOfMonthRule(values: readonly (number | string)[]): DayOfMonthRule {
  return { days: ascending(numbersOf(values)), lastDay: values.includes('L') };
}

function dayOfWeekRule(field: {
  readonly values: readonly (number | string)[];
  readonly nthDay: number;
}): DayOfWeekRule {
  const last = field.values.filter((value) => typeof value === 'string').map((value) => Number(value[0]));
  return {
    weekdays: ascending(numbersOf(field.values).map((day) => day % 7)),
    nth: field.nthDay === 0 ? null : field.nthDay,
    lastWeekdays: ascending(last.map((day) => day % 7)),
  };
}

function numbersOf(values: readonly (number | string)[]): number[] {
  return values.filter((value) => typeof value === 'number');
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** What only cron-parser finds: dates that no year has, and values listed twice. */
function libraryProblem(atoms: readonly string[], error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/explicit day of month/.test(message)) {
    return (
      `cron day of month "${atoms[3]}" never comes in month "${atoms[4]}", so the expression would never fire; ` +
      'for example "0 0 L 2 *" for the last day of February'
    );
  }
  const duplicate = /duplicate values found: (\S+)/.exec(message)?.[1];
  if (duplicate !== undefined) {
    const name = /^Cron(\w+?) /
      .exec(message)?.[1]
      ?.replace(/([a-z])(?=[A-Z])/g, '$1 ')
      .toLowerCase();
    return `cron ${name} lists ${duplicate} more than once; name each value once, for example 1-5,9`;
  }
  return `cron expression "${atoms.join(' ')}" is not understood: ${message}; ${EXAMPLE}`;
}
