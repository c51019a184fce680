import { instantField } from '@simple-scheduler/contracts';
import { parseDuration } from './duration.ts';

export const INSTANT_HELP = 'a time like 2026-03-01T08:00:00Z (with a zone offset), now, +5m or -1h';

/** RFC 3339 of an instant as people write it: RFC 3339 with an offset, `now`, or a distance from now. */
export function parseInstant(text: string, nowMs: number): string | undefined {
  if (text === 'now') return new Date(nowMs).toISOString();
  if (/^[+-]/.test(text)) {
    const distanceMs = parseDuration(text.slice(1));
    if (distanceMs === undefined) return undefined;
    const atMs = text.startsWith('-') ? nowMs - distanceMs : nowMs + distanceMs;
    return Math.abs(atMs) <= LATEST_MS ? new Date(atMs).toISOString() : undefined;
  }
  const result = instantField.safeParse(text);
  return result.success ? new Date(result.data).toISOString() : undefined;
}

/** The last instant that a Date can hold. */
const LATEST_MS = 8_640_000_000_000_000;
