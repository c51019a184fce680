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

/** Finds names in bytes without making texts of them, which would cost more than all the values. */
export class FieldNames {
  readonly #names: readonly Buffer[];
  /** Index of the name, by its hash. */
  readonly #byHash = new Map<number, number>();

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name));
    for (const [index, name] of this.#names.entries()) {
      const hash = hashOf(name, 0, name.length);
      if (this.#byHash.has(hash)) throw new Error(`two names of fields have one hash, ${names[index]} is the second`);
      this.#byHash.set(hash, index);
    }
  }

  find(bytes: Buffer, at: number, length: number): number | undefined {
    const index = this.#byHash.get(hashOf(bytes, at, length));
    if (index === undefined) return undefined;
    const name = this.#names[index] as Buffer;
    if (name.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (name[i] !== bytes[at + i]) return undefined;
    return index;
  }
}

/** As Java hashes strings. */
function hashOf(bytes: Buffer, at: number, length: number): number {
  let hash = 0;
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}
