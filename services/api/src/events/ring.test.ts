import { expect, it } from 'vitest';
import type { Frame } from './frames.ts';
import { Ring } from './ring.ts';

const frame = (cursor: string, text = cursor): Frame => ({ cursor, kind: 'job', jobName: 'a', text });
const cursors = (ring: Ring, after: string, chars = 1_000): string[] =>
  ring.after(after, chars).map(({ cursor }) => cursor);

it('gives what comes after a place, whether or not that place had an event of its own', () => {
  const ring = new Ring({ frames: 10, chars: 1_000 });
  ring.restart('10');
  ring.add(
    ['12', '14', '16'].map((cursor) => frame(cursor)),
    '17',
  );
  expect([ring.start, ring.head]).toEqual(['10', '17']);
  expect(cursors(ring, '10')).toEqual(['12', '14', '16']);
  expect(cursors(ring, '12')).toEqual(['14', '16']);
  expect(cursors(ring, '13')).toEqual(['14', '16']);
  expect(cursors(ring, '16')).toEqual([]);
  expect(cursors(ring, '99')).toEqual([]);
  const known = ['09', '10', '11', '12', '13', '14', '16', '17', '18'].filter((cursor) => ring.knows(cursor));
  expect(known).toEqual(['10', '12', '14', '16', '17']);
});

it('gives so much text at a time, and one event at least', () => {
  const ring = new Ring({ frames: 10, chars: 1_000 });
  ring.add(
    ['1', '2', '3'].map((cursor) => frame(cursor, 'x'.repeat(10))),
    '3',
  );
  expect(cursors(ring, '0', 15)).toEqual(['1', '2']);
  expect(cursors(ring, '2', 1)).toEqual(['3']);
});

it.each([
  ['events', { frames: 3, chars: 1_000 }],
  ['text', { frames: 1_000, chars: 30 }],
])('keeps the newest %s, and knows from where on it has all', (_title, limits) => {
  const ring = new Ring(limits);
  ring.restart('000');
  for (let n = 1; n <= 100; n += 1) {
    const cursor = String(n).padStart(3, '0');
    ring.add([frame(cursor, 'x'.repeat(10))], cursor);
  }
  expect(ring.start).toBe('097');
  expect([ring.reaches('096'), ring.reaches('097')]).toEqual([false, true]);
  expect(cursors(ring, ring.start)).toEqual(['098', '099', '100']);
  expect(['095', '096', '097', '100'].filter((cursor) => ring.knows(cursor))).toEqual(['097', '100']);
  ring.restart('200');
  expect([ring.reaches('100'), cursors(ring, '200')]).toEqual([false, []]);
});
