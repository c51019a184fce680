import fc from 'fast-check';
import { BSON, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { elementsOf, FieldNames, NO_NAME, readValue } from './raw-document.ts';

const bytesOf = (document: object): Buffer => Buffer.from(BSON.serialize(document));

function valueOf(value: unknown): unknown {
  const bytes = bytesOf({ before: 'x', value, after: 1 });
  const [, element] = elementsOf(bytes);
  if (element === undefined) throw new Error('no second element');
  const [type, , , at, length] = element;
  return readValue(bytes, type, at, length);
}

describe('values in bytes', () => {
  it('are texts, numbers and truth values as the driver reads them', () => {
    const plain = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.double({ noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(plain, (value) => {
        expect(valueOf(value)).toBe(value);
      }),
    );
    expect(valueOf(Long.fromNumber(-(2 ** 40)))).toBe(-(2 ** 40));
  });

  it('are times as epoch ms, before 1970 and up to the year 9999', () => {
    const times = fc.integer({ min: -(2 ** 47), max: Date.parse('9999-12-31T23:59:59.999Z') });
    fc.assert(
      fc.property(times, (at) => {
        expect(valueOf(new Date(at))).toBe(at);
      }),
    );
  });

  it('are ids as hex text', () => {
    const id = '0123456789abcdef01234567';
    expect(valueOf(ObjectId.createFromHexString(id))).toBe(id);
  });

  it.each([[{ a: 1 }], [[1]], [null], [/x/], [new BSON.Binary(Buffer.from('x'))]])('are not there for %j', (value) => {
    expect(valueOf(value)).toBeUndefined();
  });
});

describe('names in bytes', () => {
  const find = (names: FieldNames, name: string): number | undefined => {
    const bytes = Buffer.from(`xx${name}yy`);
    return names.find(bytes, 2, bytes.length - 4);
  };

  it('are found among the fields, and others are not', () => {
    const fields = ['_id', 'name', 'nextRunAt', 'nom'];
    const names = new FieldNames(fields);
    expect(fields.map((name) => find(names, name))).toEqual([0, 1, 2, 3]);
    for (const name of ['', 'n', 'nextRunA', 'nextRunAtt', 'näme']) expect(find(names, name)).toBeUndefined();
  });

  it('are found whatever came after the same name before', () => {
    const fields = ['a', 'bc', 'de', 'fgh'];
    const names = new FieldNames(fields);
    const found = (order: readonly string[]): (number | undefined)[] => {
      let before = NO_NAME;
      return order.map((name) => {
        const index = names.findAfter(before, Buffer.from(name), 0, name.length);
        before = index ?? before;
        return index;
      });
    };
    const orders = fc.array(fc.constantFrom(...fields, 'other', 'bd'), { maxLength: 12 });
    fc.assert(
      fc.property(orders, (order) => {
        expect(found(order)).toEqual(order.map((name) => (fields.includes(name) ? fields.indexOf(name) : undefined)));
      }),
    );
  });

  it('are told apart where they have one hash', () => {
    expect(find(new FieldNames(['Aa']), 'BB')).toBeUndefined();
    expect(() => new FieldNames(['Aa', 'BB'])).toThrow(/BB/);
  });
});
