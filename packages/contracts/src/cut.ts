import { jsonBytes } from './payload.ts';

/** Stands where something was cut off. */
export const CUT_MARK = '… [cut]';

/** Text of at most `max` UTF-16 units, marked where it was longer; never ends in half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - CUT_MARK.length);
  return (isHighSurrogate(kept.charCodeAt(kept.length - 1)) ? kept.slice(0, -1) : kept) + CUT_MARK;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** A text as it is, or as much of it as fits into so many bytes as JSON with the mark; never half a character. */
export function cutToJsonBytes(text: string, maxBytes: number): string {
  if (jsonBytes(text) <= maxBytes) return text;
  let end = 0;
  // The mark's own bytes have the quotes in them.
  for (let left = maxBytes - jsonBytes(CUT_MARK); ; ) {
    const character = text.codePointAt(end) ?? 0;
    left -= bytesInJson(character);
    if (left < 0) return text.slice(0, end) + CUT_MARK;
    end += character > 0xffff ? 2 : 1;
  }
}

const SHORT_ESCAPES = ['\b', '\t', '\n', '\f', '\r', '"', '\\'].map((character) => character.charCodeAt(0));

/** Bytes of a character between the quotes of a JSON text. Half a character is written as an escape. */
function bytesInJson(character: number): number {
  if (SHORT_ESCAPES.includes(character)) return 2;
  if (character < 0x20 || (character >= 0xd800 && character <= 0xdfff)) return 6;
  if (character < 0x80) return 1;
  if (character < 0x800) return 2;
  return character <= 0xffff ? 3 : 4;
}
