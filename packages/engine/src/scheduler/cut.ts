import { CUT_MARK, cutToJsonBytes, jsonBytes, LIMITS } from '@simple-scheduler/contracts';

/** Text of at most `max` UTF-16 units, marked where it was longer; never ends in half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - CUT_MARK.length);
  return (isHighSurrogate(kept.charCodeAt(kept.length - 1)) ? kept.slice(0, -1) : kept) + CUT_MARK;
}

/** An output as it is kept: any JSON up to the limit; what is longer becomes its text, cut and marked. */
export function cutOutput(output: unknown): unknown {
  if (jsonBytes(output) <= LIMITS.outputBytes) return output;
  return cutToJsonBytes(typeof output === 'string' ? output : JSON.stringify(output), LIMITS.outputBytes);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
