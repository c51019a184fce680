import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { returnPreference } from './preference.ts';

it.each([
  ['return=representation', 'representation'],
  ['RETURN = "minimal" ; x=1', 'minimal'],
  ['wait=5, return=representation, return=minimal', 'representation'],
  ['foo="a, b", return=minimal', 'minimal'],
  ['foo="x, return=representation"', undefined],
  ['foo="\\", return=representation"', undefined],
  ['foo="x\\\\", return=representation', 'representation'],
  ['foo="x, return=representation', undefined],
  ['foo; bar="x, return=representation", return=minimal', 'minimal'],
  ['return="representation, minimal"', undefined],
  ['return=all', undefined],
  ['', undefined],
  [undefined, undefined],
])('Prefer: %s asks for %s', (prefer, preference) => {
  const headers = prefer === undefined ? {} : { prefer };
  expect(returnPreference({ headers } as FastifyRequest)).toBe(preference);
});
