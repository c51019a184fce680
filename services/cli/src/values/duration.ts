const UNITS_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof UNITS_MS;
const UNITS = Object.keys(UNITS_MS) as Unit[];

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[wdhms]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[wdhms])/g;

export const DURATION_HELP = 'a duration like 1500 (milliseconds), 90s, 5m or 1h30m';

/** Milliseconds of `1500`, `90s`, `5m`, `1h30m`, `1.5h`: larger units first, each once. Undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return safe(Number(text));
  if (!DURATION.test(text)) return undefined;
  let totalMs = 0;
  let last = -1;
  for (const [, amount, unit] of text.matchAll(PART)) {
    const rank = UNITS.indexOf(unit as Unit);
    if (rank <= last) return undefined;
    last = rank;
    totalMs += Number(amount) * UNITS_MS[unit as Unit];
  }
  // 0.3s is 300 ms, though not in binary fractions.
  const whole = Math.round(totalMs);
  return Math.abs(totalMs - whole) < 1e-6 ? safe(whole) : undefined;
}

function safe(ms: number): number | undefined {
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The exact duration in the form that `parseDuration` reads: `1h30m`, `1s500ms`, `0ms`. Weeks are written as days. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const unit of UNITS.slice(1)) {
    const count = Math.floor(rest / UNITS_MS[unit]);
    rest -= count * UNITS_MS[unit];
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0ms' : text;
}
