import { BSON, BSONType } from 'mongodb';

/** What a field of a record is in the bytes of its document, where it is one of these: ids as hex text, times as epoch ms. */
export type PlainValue = string | number | boolean;

/** The elements of a document, found by the driver's own parser: type, place and length of the name, place and length of the value. */
export const elementsOf: typeof BSON.onDemand.parseToElements = BSON.onDemand.parseToElements;

/** Undefined for whatever is no plain value. */
export function readValue(bytes: Buffer, type: number, at: number, length: number): PlainValue | undefined {
  switch (type) {
    case BSONType.string:
      // Its length comes first, and a NUL last.
      return bytes.toString('utf8', at + 4, at + length - 1);
    case BSONType.int:
      return bytes.readInt32LE(at);
    case BSONType.double:
      return bytes.readDoubleLE(at);
    case BSONType.date:
    case BSONType.long:
      return bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
    case BSONType.objectId:
      return bytes.toString('hex', at, at + length);
    case BSONType.bool:
      return bytes[at] === 1;
    default:
      return undefined;
  }
}

/** Where no name comes before. */
export const NO_NAME = -1;

/** Finds names in bytes without making texts of them, which would cost more than all the values. */
export class FieldNames {
  readonly #names: readonly Buffer[];
  /** Index of the name, by its hash. */
  readonly #byHash = new Map<number, number>();
  /** What came after each the last time, and, in front, first. */
  readonly #next: number[];

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name));
    this.#next = [0, ...names.keys()];
    for (const [index, name] of this.#names.entries()) {
      const hash = hashOf(name, 0, name.length);
      if (this.#byHash.has(hash)) throw new Error(`two names of fields have one hash, ${names[index]} is the second`);
      this.#byHash.set(hash, index);
    }
  }

  find(bytes: Buffer, at: number, length: number): number | undefined {
    const index = this.#byHash.get(hashOf(bytes, at, length));
    return index !== undefined && this.#is(index, bytes, at, length) ? index : undefined;
  }

  /**
   * As `find`, for the name that comes after that one (`NO_NAME`: first) in a document. Documents of one kind mostly have the same order:
   * what came there the last time is looked at first, for half the price.
   */
  findAfter(before: number, bytes: Buffer, at: number, length: number): number | undefined {
    const guess = this.#next[before + 1] as number;
    if (this.#is(guess, bytes, at, length)) return guess;
    const found = this.find(bytes, at, length);
    if (found !== undefined) this.#next[before + 1] = found;
    return found;
  }

  #is(index: number, bytes: Buffer, at: number, length: number): boolean {
    const name = this.#names[index] as Buffer;
    if (name.length !== length) return false;
    for (let i = 0; i < length; i++) if (name[i] !== bytes[at + i]) return false;
    return true;
  }
}

/** As Java hashes strings. */
function hashOf(bytes: Buffer, at: number, length: number): number {
  let hash = 0;
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}
