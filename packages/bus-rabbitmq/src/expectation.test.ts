import { expect, test } from 'vitest';
import { Expectation } from './expectation.ts';

/** How many of so many topologies are looked for, one after the other, where none of them is there. */
async function looksAmongNew(expectation: Expectation, topologies: number): Promise<number> {
  let looks = 0;
  for (let i = 0; i < topologies; i++) {
    if (!(await expectation.mayLook())) continue;
    looks++;
    expectation.missed();
  }
  return looks;
}

test('looks for few of many that are new', async () => {
  expect(await looksAmongNew(new Expectation(), 10_000)).toBeLessThan(170);
  expect(await looksAmongNew(new Expectation(), 100)).toBeLessThan(7);
});

test('looks for one, and for all others side by side once that was found', async () => {
  const expectation = new Expectation();
  expect(await expectation.mayLook()).toBe(true);
  const others = Promise.all([expectation.mayLook(), expectation.mayLook(), expectation.mayLook()]);
  expectation.found();
  expect(await others).toEqual([true, true, true]);
});

test('declares those that waited for a look in vain, and looks again for the one after them', async () => {
  const expectation = new Expectation();
  await expectation.mayLook();
  const others = [1, 2, 3, 4].map(() => expectation.mayLook());
  expectation.missed();
  expect(await Promise.all(others.slice(0, 3))).toEqual([false, false, true]);
  expectation.found();
  expect(await others[3]).toBe(true);
});

test('looks again after many misses, and for all once that finds one', async () => {
  const expectation = new Expectation();
  await looksAmongNew(expectation, 10_000);
  let declared = 0;
  while (!(await expectation.mayLook())) declared++;
  expect(declared).toBeLessThanOrEqual(64);
  expectation.found();
  expect(await Promise.all([expectation.mayLook(), expectation.mayLook()])).toEqual([true, true]);
});

test('a look without an answer lets the next one look', async () => {
  const expectation = new Expectation();
  await expectation.mayLook();
  const next = expectation.mayLook();
  expectation.unanswered();
  expect(await next).toBe(true);
});

test('looks for none after it was given up, until the next connection', async () => {
  const expectation = new Expectation();
  expectation.found();
  expectation.giveUp();
  expectation.found(); // an answer that was on its way
  expect(await expectation.mayLook()).toBe(false);
  expectation.reset();
  expect(await expectation.mayLook()).toBe(true);
});

test('begins anew with the next crowd, whatever the last one was', async () => {
  const expectation = new Expectation();
  expect(await expectation.mayLook(0)).toBe(true);
  expectation.missed();
  expect(await expectation.mayLook(1_000)).toBe(false);
  expect(await expectation.mayLook(7_000)).toBe(true);
  expectation.found();
  expect(await Promise.all([expectation.mayLook(8_000), expectation.mayLook(8_000)])).toEqual([true, true]);
  expect(await expectation.mayLook(14_000)).toBe(true);
  const next = expectation.mayLook(14_000);
  expectation.missed();
  expect(await next).toBe(false);
});
