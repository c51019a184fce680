import { expect, it } from 'vitest';
import { payloadProblem } from './payload.ts';
import { LIMITS } from './vocabulary.ts';

const nested = (levels: number, inmost: unknown): unknown =>
  Array.from({ length: levels }).reduce((inner) => [inner], inmost);

it.each([
  ['nothing but text, up to the limit', 'x'.repeat(LIMITS.payloadBytes - 2), undefined],
  ['text past it', 'x'.repeat(LIMITS.payloadBytes - 1), 'bytes'],
  ['as many values as fit', Array.from({ length: LIMITS.payloadBytes / 2 - 1 }, () => 1), undefined],
  ['one more', Array.from({ length: LIMITS.payloadBytes / 2 }, () => 1), 'bytes'],
  ['a value in 64 arrays', nested(64, 1), undefined],
  ['a value in 65 arrays', nested(65, 1), 'deeper'],
  ['a value in more arrays than a stack holds', nested(250_000, 1), 'deeper'],
  ['an infinite number in an object', { a: [{ b: Number.POSITIVE_INFINITY }] }, 'numbers'],
])('a payload of %s', (_title, payload, problem) => {
  if (problem === undefined) expect(payloadProblem(payload)).toBeUndefined();
  else expect(payloadProblem(payload)).toContain(problem);
});

it('what is far too large is not walked', () => {
  let looks = 0;
  const spy = (value: object): object =>
    new Proxy(value, { get: (target, key) => ((looks += 1), Reflect.get(target, key)) });
  const wide = Array.from({ length: 1_000 }, () => spy(Array.from({ length: 1_000 }, () => 1)));
  expect(payloadProblem(wide)).toContain('bytes');
  expect(looks).toBeLessThan(2 * LIMITS.payloadBytes);
});
