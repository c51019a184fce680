const DAY_MS = 86_400_000;
/** Texts of so many days are kept; those of other days come in their place once it is full. */
const DAYS_MAX = 1_000;
/** What follows the day, `00:00:00.000Z`. */
const TIME_LENGTH = 13;

const days = new Map<number, string>();
const sixty = numbered(60, 2);
const thousand = numbered(1_000, 3);

/**
 * Epoch ms as RFC 3339 in UTC with milliseconds: what `toISOString` gives, in a quarter of its time, which was a tenth of all that an
 * answer costs beside the database. Times of the same day have the same beginning.
 * `at` is a time that a `Date` can have. @throws RangeError for NaN
 */
export function instant(at: number): string {
  // Not by a division, which could be rounded up to the next day.
  const ms = ((at % DAY_MS) + DAY_MS) % DAY_MS;
  const day = (at - ms) / DAY_MS;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${days.get(day) ?? dayOf(day, at)}${sixty[hours]}:${sixty[minutes % 60]}:${sixty[seconds % 60]}.${thousand[ms % 1_000]}Z`;
}

/** `{ [name]: instant }`, or nothing where there is none: absent is absent. */
export function instantAs<N extends string>(name: N, at: number | undefined): { [K in N]?: string } {
  return (at === undefined ? {} : { [name]: instant(at) }) as { [K in N]?: string };
}

function dayOf(day: number, at: number): string {
  const text = new Date(at).toISOString().slice(0, -TIME_LENGTH);
  if (days.size >= DAYS_MAX) days.clear();
  days.set(day, text);
  return text;
}

function numbered(count: number, digits: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => String(number).padStart(digits, '0'));
}
