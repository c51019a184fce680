import { packId, unpackId, type PackedId } from './packed-id.ts';
import type { PlainValue } from './raw-document.ts';

/** How a value of a record is kept in a document. Values are never undefined here: absent is absent. */
export interface ValueCodec<T> {
  encode(value: T): unknown;
  decode(stored: unknown): T;
  /** From what `readValue` makes of the bytes; left out where that is the record's value already. */
  read?(value: PlainValue): T;
}

/** What BSON holds as it is: booleans, numbers and words of the vocabulary. */
export function plain<T>(): ValueCodec<T> {
  return { encode: (value) => value, decode: (stored) => stored as T };
}

/** Epoch ms, kept as a BSON date: the same 8 bytes as a long, and readable to operators. */
export const time: ValueCodec<number> = {
  encode: (value) => new Date(value),
  decode: (stored) => (stored as Date).getTime(),
};

/**
 * Text that people or workers wrote. BSON strings are UTF-8, which has no lone surrogates: the rare text with one is kept
 * escaped, inside a document of its own, so that it comes back as it was and equals no other text.
 */
export const text: ValueCodec<string> = {
  encode: (value) => (value.isWellFormed() ? value : { json: JSON.stringify(value) }),
  decode: (stored) => (typeof stored === 'string' ? stored : (JSON.parse((stored as { json: string }).json) as string)),
};

/**
 * Any JSON, kept as its text: BSON cannot hold names with NUL or lone surrogates, treats `$` and `.` in names specially,
 * and has more types of numbers than JSON.
 */
export const json: ValueCodec<unknown> = {
  encode: (value) => JSON.stringify(value),
  decode: (stored) => JSON.parse(stored as string) as unknown,
  read: (value) => JSON.parse(value as string) as unknown,
};

export const packed: ValueCodec<string> = {
  encode: packId,
  decode: (stored) => unpackId(stored as PackedId),
};
