import type { SQLOutputValue } from 'node:sqlite';
import type { Row, Value } from './database.ts';

/**
 * Where a field of a record is kept. `plain`: as it is, in a column of its own name; `flag`: as 0 or 1; `json`: as JSON
 * text, for values of people and workers, which may hold anything; `rest`: together with all others of that kind in
 * the column `rest`. NULL is absent.
 */
export type FieldKind = 'plain' | 'flag' | 'json' | 'rest';

/** Turns records of one kind into rows and back. Names every field, so that a new one cannot be forgotten. */
export class Fields<R extends object> {
  /** Columns in the order of `encode` and `decode`, for SQL. */
  readonly columns: string;
  readonly placeholders: string;
  readonly #kept: readonly (readonly [name: string, kind: FieldKind])[];
  readonly #kinds: ReadonlyMap<string, FieldKind>;

  constructor(kinds: { readonly [K in keyof R]-?: FieldKind }) {
    const entries = Object.entries<FieldKind>(kinds);
    this.#kinds = new Map(entries);
    this.#kept = entries.filter(([, kind]) => kind !== 'rest');
    const names = [...this.#kept.map(([name]) => name), 'rest'];
    this.columns = names.map((name) => `"${name}"`).join(', ');
    this.placeholders = names.map(() => '?').join(', ');
  }

  encode(record: R): Value[] {
    const values = this.#kept.map(([name, kind]) => toColumn((record as Record<string, unknown>)[name], kind));
    const rest = Object.entries(record).filter(([name]) => this.#kinds.get(name) === 'rest');
    return [...values, JSON.stringify(Object.fromEntries(rest))];
  }

  decode(row: Row): R {
    const record = JSON.parse(row[this.#kept.length] as string) as Record<string, unknown>;
    for (const [i, [name, kind]] of this.#kept.entries()) {
      const value = row[i];
      if (value !== null && value !== undefined) record[name] = fromColumn(value, kind);
    }
    return record as R;
  }

  /** The value of one field for its column. Throws for fields without one. */
  valueOf(name: string, value: unknown): Value {
    const kind = this.#kinds.get(name);
    if (kind === undefined || kind === 'rest') throw new TypeError(`the field ${JSON.stringify(name)} has no column`);
    return toColumn(value, kind);
  }
}

function toColumn(value: unknown, kind: FieldKind): Value {
  if (value === undefined) return null;
  if (kind === 'json') return JSON.stringify(value);
  return kind === 'flag' ? Number(value) : (value as Value);
}

function fromColumn(value: SQLOutputValue, kind: FieldKind): unknown {
  if (kind === 'json') return JSON.parse(value as string);
  return kind === 'flag' ? value === 1 : value;
}
