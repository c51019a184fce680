// What each cron field may look like. cron-parser tolerates more than this, and some of what it tolerates means
// something else than it seems to; such forms are refused here, with the form that says what was meant:
//
// - `H`, `W`: hashed values and nearest weekdays are not supported;
// - `*` or `?` inside a list (`*,5`), `?` outside the day fields: says nothing, yet changes how days combine;
// - a step that reaches no second value (`*/90` minutes): it would fire hourly, not every 90 minutes;
// - a range that runs backwards (`22-2`);
// - `L` alone as day of week (Quartz: Saturday), `#` with a list, range or fraction, names run together (`janfeb`).

export interface FieldGrammar {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly example: string;
  /** Names in the order of the values, the first standing for `min`. */
  readonly names?: readonly string[];
  readonly special?: 'dayOfMonth' | 'dayOfWeek';
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** The six fields, in the order they are written; an expression of five has no second. */
export const FIELD_GRAMMARS: readonly FieldGrammar[] = [
  { name: 'second', min: 0, max: 59, example: '*/10' },
  { name: 'minute', min: 0, max: 59, example: '*/15' },
  { name: 'hour', min: 0, max: 23, example: '9-17' },
  { name: 'day of month', min: 1, max: 31, example: '1,15 or L', special: 'dayOfMonth' },
  { name: 'month', min: 1, max: 12, example: '1-6 or JAN,JUL', names: MONTHS },
  { name: 'day of week', min: 0, max: 7, example: 'MON-FRI, 5L or 1#2', names: WEEKDAYS, special: 'dayOfWeek' },
];

const ITEM = /^(?:\*|([A-Z]+|\d{1,2})(?:-([A-Z]+|\d{1,2}))?)(?:\/(\d{1,4}))?$/;

/** What is wrong with one upper-case field, or null. */
export function fieldProblem(grammar: FieldGrammar, field: string): string | null {
  if (grammar.special !== undefined && field === '?') return null;
  const items = field.split(',');
  for (const item of items) {
    if (item === '') return 'has an empty list item';
    if (item.includes('?')) return 'has a ?, which stands only for a whole day field';
    if (item.startsWith('*') && items.length > 1) return 'has a * in a list, which already allows every value';
    if (isSpecialDay(grammar, item)) {
      if (item.includes('#') && items.length > 1) return 'has a # in a list, which must stand alone';
      continue;
    }
    const problem = specialProblem(grammar, item) ?? itemProblem(grammar, item);
    if (problem !== null) return problem;
  }
  return null;
}

function isSpecialDay(grammar: FieldGrammar, item: string): boolean {
  if (grammar.special === 'dayOfMonth') return item === 'L';
  if (grammar.special !== 'dayOfWeek') return false;
  const match = /^([A-Z]{3}|[0-7])(?:L|#[1-5])$/.exec(item);
  return match?.[1] !== undefined && valueOf(grammar, match[1]) !== null;
}

/** A better answer than "malformed" for what other cron dialects allow. */
function specialProblem(grammar: FieldGrammar, item: string): string | null {
  if (/^H(\W|$)/.test(item)) return 'uses H (hashed values), which is not supported';
  if (/^(\d+|L)W$/.test(item)) return 'uses W (nearest weekday), which is not supported';
  if (grammar.special !== 'dayOfWeek') return null;
  if (item === 'L') return 'has L without a weekday: write 6L for the last Saturday of the month';
  if (item.includes('#')) return 'has a # that is not <weekday>#<1-5>';
  return null;
}

function itemProblem(grammar: FieldGrammar, item: string): string | null {
  const match = ITEM.exec(item);
  if (match === null) return `has ${JSON.stringify(item)}, which is no value, range or step`;
  const [, low, high, stepText] = match;
  for (const text of [low, high]) {
    if (text !== undefined && valueOf(grammar, text) === null) return `has ${text}, ${allowedValues(grammar)}`;
  }
  const from = low === undefined ? grammar.min : (valueOf(grammar, low) ?? grammar.min);
  const to = high === undefined ? lastValue(grammar) : (valueOf(grammar, high) ?? grammar.max);
  if (high !== undefined && from > to) {
    const halves = [range(from, lastValue(grammar)), range(grammar.min, to)].join(',');
    return `has the backward range ${low}-${high}, to be written ${halves}`;
  }
  if (stepText === undefined) return null;
  const step = Number(stepText);
  if (step === 0) return 'has a step of 0';
  if (step > 1 && from + step > to) return `has step ${step}, which reaches no second value up to ${to}`;
  return null;
}

/** Ends an open step (`1/2`) on day of week at Saturday: cron-parser runs it on to 7, Sunday again. */
export function closeWeekdayStep(field: string): string {
  return field.replace(/(^|,)(?:\*|([A-Z]+|\d+))\/(?=\d)/g, (_, comma, from) => `${comma}${from ?? '0'}-6/`);
}

function range(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function lastValue(grammar: FieldGrammar): number {
  return grammar.special === 'dayOfWeek' ? 6 : grammar.max;
}

function valueOf(grammar: FieldGrammar, text: string): number | null {
  if (/^\d/.test(text)) {
    const value = Number(text);
    return value >= grammar.min && value <= grammar.max ? value : null;
  }
  const index = grammar.names?.indexOf(text) ?? -1;
  return index < 0 ? null : grammar.min + index;
}

function allowedValues(grammar: FieldGrammar): string {
  const names = grammar.names === undefined ? '' : ` or ${grammar.names[0]}-${grammar.names.at(-1)}`;
  return `outside ${grammar.min}-${grammar.max}${names}`;
}
