import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfPrefix, nameRange } from './name-range.ts';

const inStoreOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('the end of a prefix', () => {
  it.each([
    ['a', 'b'],
    ['job.', 'job/'],
    ['az\u{10ffff}', 'a{'],
    ['\ud7ff', '\ue000'],
    ['', null],
    ['\u{10ffff}\u{10ffff}', null],
  ])('of %j is %j', (prefix, end) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  it('lies above all texts with the prefix and below all others that follow it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(text, text, (prefix, name) => {
        const end = endOfPrefix(prefix);
        const within = inStoreOrder(name, prefix) >= 0 && (end === null || inStoreOrder(name, end) < 0);
        expect(within).toBe(name.startsWith(prefix));
        expect(end === null || inStoreOrder(`${prefix}${name}`, end) < 0).toBe(true);
      }),
    );
  });
});

describe('ranges of names', () => {
  it('always have a lower bound, which says that the name exists', () => {
    expect(nameRange({})).toStrictEqual({ $gt: '' });
    expect(nameRange({ after: 'b' })).toStrictEqual({ $gt: 'b' });
    expect(nameRange({ after: 'b', prefix: 'a.' })).toStrictEqual({ $gt: 'b', $gte: 'a.', $lt: 'a/' });
  });
});
