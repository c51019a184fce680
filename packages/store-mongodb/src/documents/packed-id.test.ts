import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { leastRunId, packId, unpackId } from './packed-id.ts';

describe('packed ids', () => {
  it('hold 24 lower-case hex characters in 12 bytes, and give them back', () => {
    const id = '0199abcdef0123456789abcd';
    expect(packId(id)).toBeInstanceOf(ObjectId);
    expect(unpackId(packId(id))).toBe(id);
  });

  it.each(['', 'a', '0199ABCDEF0123456789ABCD', '0199abcdef0123456789abc', '0199abcdef0123456789abcde', 'ü', '\0'])(
    'leave %j as it is',
    (text) => {
      expect(packId(text)).toBe(text);
      expect(unpackId(packId(text))).toBe(text);
    },
  );

  it('sort as the hex text does', () => {
    const ids = ['ff0000000000000000000000', '0199abcdef0123456789abcd', '0199abcdef0123456789abce', '7f'.repeat(12)];
    const packed = ids.map((id) => packId(id) as ObjectId);
    const sorted = packed.toSorted((a, b) => Buffer.compare(a.id, b.id)).map(unpackId);
    expect(sorted).toStrictEqual(ids.toSorted());
  });
});

describe('the least run id of a time', () => {
  it('is above all ids of earlier times, and not above those of that time', () => {
    const at = 1_767_225_600_000;
    const least = unpackId(leastRunId(at) as ObjectId);
    expect(least).toBe(`${at.toString(16).padStart(12, '0')}000000000000`);
    expect(`${(at - 1).toString(16).padStart(12, '0')}ffffffffffff` < least).toBe(true);
  });

  it.each([
    [-5, '000000000000000000000000'],
    [0, '000000000000000000000000'],
    [0.5, '000000000001000000000000'],
  ])('takes %j, which no clock says', (at, least) => {
    expect(unpackId(leastRunId(at) as ObjectId)).toBe(least);
  });

  it('has no bound for times that ids can not tell', () => {
    expect(leastRunId(2 ** 48 - 1)).not.toBeNull();
    expect(leastRunId(2 ** 48)).toBeNull();
    expect(leastRunId(Number.POSITIVE_INFINITY)).toBeNull();
  });
});
