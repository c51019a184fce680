import { expect, test } from 'vitest';
import { Overlaps } from './overlaps.ts';

test('nobody looks first where no tick met a run', () => {
  const overlaps = new Overlaps();
  expect(overlaps.areLikelyAmong(500)).toBe(false);
  overlaps.note(500, 0);
  overlaps.note(0, 0);
  expect(overlaps.areLikelyAmong(500)).toBe(false);
});

test('one refusal in a large batch has the next ones looked at, small ones not', () => {
  const overlaps = new Overlaps();
  overlaps.note(500, 1);
  expect(overlaps.areLikelyAmong(500)).toBe(true);
  expect(overlaps.areLikelyAmong(10)).toBe(false);
});

test('where every other tick meets a run, the first of a batch of one is looked at too', () => {
  const overlaps = new Overlaps();
  for (let tick = 0; tick < 2_000; tick++) overlaps.note(1, tick % 2);
  expect(overlaps.areLikelyAmong(1)).toBe(true);
});

test('what is long ago fades', () => {
  const overlaps = new Overlaps();
  overlaps.note(500, 500);
  for (let batch = 0; batch < 200; batch++) overlaps.note(50, 0);
  expect(overlaps.areLikelyAmong(500)).toBe(false);
});
