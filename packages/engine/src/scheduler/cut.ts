import { jsonBytes, LIMITS } from '@simple-scheduler/contracts';

const MARK = '… [cut]';

/** Text of at most `max` UTF-16 units, marked where it was longer; never ends in half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - MARK.length);
  return (isHighSurrogate(kept.charCodeAt(kept.length - 1)) ? kept.slice(0, -1) : kept) + MARK;
}

/** An output as it is kept: any JSON up to the limit; what is longer becomes its text, cut and marked. */
export function cutOutput(output: unknown): unknown {
  if (jsonBytes(output) <= LIMITS.outputBytes) return output;
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  // Three bytes is the most that one UTF-16 unit takes, six its longest JSON escape: halve until it fits.
  for (let max = LIMITS.outputBytes; ; max = Math.floor(max / 2)) {
    const cut = cutText(text, max);
    if (jsonBytes(cut) <= LIMITS.outputBytes) return cut;
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
