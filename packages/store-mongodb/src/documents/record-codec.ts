import { BSON, type Document } from 'mongodb';
import { elementsOf, FieldNames, NO_NAME, readValue } from './raw-document.ts';
import type { ValueCodec } from './values.ts';

/** One codec for each field of a record: a field that is added to the record and not here does not compile. */
export type FieldCodecs<R> = { readonly [K in keyof R]-?: ValueCodec<Exclude<R[K], undefined>> };

/** `$set` and `$unset` of an update. */
export interface EncodedChange {
  readonly $set: Document;
  readonly $unset: Readonly<Record<string, ''>>;
}

/** Turns records into documents and back. Fields keep their names, except the identity, which is `_id`. */
export class RecordCodec<R extends object> {
  readonly #fields: readonly (readonly [keyof R & string, string, ValueCodec<unknown>])[];
  readonly #byField: ReadonlyMap<string, readonly [string, string, ValueCodec<unknown>]>;
  readonly #names: FieldNames;

  constructor(codecs: FieldCodecs<R>, identity?: keyof R & string) {
    this.#fields = Object.entries<ValueCodec<unknown>>(codecs as Record<string, ValueCodec<unknown>>).map(
      ([field, codec]) => [field as keyof R & string, field === identity ? '_id' : field, codec] as const,
    );
    this.#byField = new Map(this.#fields.map((entry) => [entry[0], entry]));
    this.#names = new FieldNames(this.#fields.map(([, name]) => name));
  }

  /** @throws TypeError for a field that is not known here: better no record than one that lost something. */
  encode(record: Partial<R>): Document {
    const document: Document = {};
    for (const [field, value] of Object.entries(record)) {
      const [, name, codec] = this.#known(field);
      if (value !== undefined) document[name] = codec.encode(value);
    }
    return document;
  }

  /** A field that is both set and unset ends up absent. */
  encodeChange(set: Partial<R>, unset: readonly (keyof R & string)[]): EncodedChange {
    const $set = this.encode(set);
    const $unset: Record<string, ''> = {};
    for (const field of unset) {
      const [, name] = this.#known(field);
      delete $set[name];
      $unset[name] = '';
    }
    return { $set, $unset };
  }

  /** Ignores what the document has beside the record's fields. */
  decode(document: Document): R {
    const record: Record<string, unknown> = {};
    for (const [field, name, codec] of this.#fields) {
      const stored = document[name] as unknown;
      if (stored !== undefined) record[field] = codec.decode(stored);
    }
    return record as R;
  }

  /**
   * As `decode`, from the bytes of the document: in half of the time, and with little to be collected after it. What holds
   * more than plain values (the attempts of a run that was tried again, a text that is no Unicode) is left to the driver.
   */
  read(bytes: Buffer): R {
    const values: unknown[] = [];
    let before = NO_NAME;
    for (const [type, nameAt, nameLength, at, length] of elementsOf(bytes)) {
      const index = this.#names.findAfter(before, bytes, nameAt, nameLength);
      if (index === undefined) continue;
      before = index;
      const value = readValue(bytes, type, at, length);
      if (value === undefined) return this.decode(BSON.deserialize(bytes));
      const read = this.#fields[index]?.[2].read;
      values[index] = read === undefined ? value : read(value);
    }
    // In the order of the fields, as `decode` has it: records of one kind have one shape.
    const record: Record<string, unknown> = {};
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const field = this.#fields[index]?.[0];
      if (field !== undefined && value !== undefined) record[field] = value;
    }
    return record as R;
  }

  #known(field: string): readonly [string, string, ValueCodec<unknown>] {
    const known = this.#byField.get(field);
    if (known === undefined) throw new TypeError(`no way to store the field ${field}`);
    return known;
  }
}
