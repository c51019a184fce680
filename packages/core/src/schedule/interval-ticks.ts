import type { TickSource } from './schedule.ts';

/** The largest instant a Date can hold; no tick lies beyond it. */
const LAST_INSTANT_AT = 8_640_000_000_000_000;

/**
 * Ticks on the grid `anchorAt + k * intervalMs`.
 * @throws RangeError when the interval is not a positive integer or the anchor is not an integer instant
 */
export function intervalTicks(intervalMs: number, anchorAt: number): TickSource {
  if (!Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
    throw new RangeError(`interval ${intervalMs} is not a positive whole number of milliseconds, for example 60000`);
  }
  if (!Number.isSafeInteger(anchorAt) || Math.abs(anchorAt) > LAST_INSTANT_AT) {
    throw new RangeError(`anchor ${anchorAt} is not an instant in whole milliseconds`);
  }
  const phaseMs = modulo(anchorAt, intervalMs);

  // Remainders, not quotients: a quotient of two large integers may round up across the grid line.
  function floorToGrid(at: number): number {
    return at - modulo(at - phaseMs, intervalMs);
  }

  function count({ after, at }: { after: number; at: number }): number {
    return at > after ? (floorToGrid(at) - floorToGrid(after)) / intervalMs : 0;
  }

  return {
    next(after) {
      const tick = floorToGrid(after) + intervalMs;
      return tick <= LAST_INSTANT_AT ? tick : null;
    },
    last({ after, at }) {
      const tick = floorToGrid(at);
      return tick > after ? tick : null;
    },
    count,
  };
}

function modulo(value: number, divisor: number): number {
  const remainder = value % divisor;
  return remainder < 0 ? remainder + divisor : remainder;
}
