import type { Document } from 'mongodb';

/**
 * Names greater than `after` that start with `prefix`, as bounds of the index on the name. A regular expression would do
 * too, after escaping; bounds need none. There is always a lower bound: it tells the planner that the name exists, which
 * the partial index asks for.
 */
export function nameRange({ after = '', prefix = '' }: { after?: string; prefix?: string }): Document {
  const end = endOfPrefix(prefix);
  return {
    $gt: after,
    ...(prefix === '' ? {} : { $gte: prefix }),
    ...(end === null ? {} : { $lt: end }),
  };
}

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** The least text above all that start with `prefix`, in the order of code points; null: there is none. */
export function endOfPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return null;
  const next = last + 1 === FIRST_SURROGATE ? AFTER_SURROGATES : last + 1;
  return String.fromCodePoint(...points, next);
}
