import { expect, test } from 'vitest';
import { ConsumerRank } from './consumer-rank.ts';

test('ranks of consumers are drawn, and all are above the one of those that fail', () => {
  const [least, other] = [new ConsumerRank(() => 0), new ConsumerRank(() => 0.5)];
  expect(other.priority).toBeGreaterThan(least.priority);
  other.note(false);
  expect(other.priority).toBeLessThan(least.priority);
  expect(other.priority, 'no less than that of consumers that give none').toBe(0);
});

test('tells when the priority is another', () => {
  const rank = new ConsumerRank(() => 0.5);
  const drawn = rank.priority;
  expect([true, false, false, true, true].map((succeeded) => rank.note(succeeded))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(rank.priority).toBe(drawn);
});
