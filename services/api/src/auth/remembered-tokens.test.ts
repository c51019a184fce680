import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Identity } from './access.ts';
import { RememberedTokens } from './remembered-tokens.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp({ validMs = 600_000, tokensMax = 10 } = {}) {
  const checked: string[] = [];
  const tokens = new RememberedTokens({
    tokensMax,
    check: async (token): Promise<Identity> => {
      checked.push(token);
      await Promise.resolve();
      if (token.startsWith('bad')) throw new Error('refused');
      return { subject: token, scopes: new Set(), expiresAt: Date.now() + validMs };
    },
  });
  return { tokens, checked };
}

test('checks a token once a minute', async () => {
  const { tokens, checked } = setUp();
  expect((await tokens.identify('a')).subject).toBe('a');
  vi.advanceTimersByTime(59_000);
  expect((await tokens.identify('a')).subject).toBe('a');
  expect(checked).toEqual(['a']);
  vi.advanceTimersByTime(2_000);
  await tokens.identify('a');
  expect(checked).toEqual(['a', 'a']);
});

test('a token that has run out is checked in full, however lately it was seen', async () => {
  const { tokens, checked } = setUp({ validMs: 5_000 });
  await tokens.identify('a');
  vi.advanceTimersByTime(5_000);
  await tokens.identify('a');
  expect(checked).toEqual(['a', 'a']);
});

test('requests at the same time share one check', async () => {
  const { tokens, checked } = setUp();
  await Promise.all([tokens.identify('a'), tokens.identify('a'), tokens.identify('b')]);
  expect(checked).toEqual(['a', 'b']);
});

test('a refused token is refused by a check each time', async () => {
  const { tokens, checked } = setUp();
  await expect(tokens.identify('bad')).rejects.toThrow('refused');
  await expect(tokens.identify('bad')).rejects.toThrow('refused');
  expect(checked).toEqual(['bad', 'bad']);
});

test('forgets all, checks under way included, when the keys are others', async () => {
  const { tokens, checked } = setUp();
  await tokens.identify('a');
  const underWay = tokens.identify('b');
  tokens.forget();
  await underWay;
  await Promise.all([tokens.identify('a'), tokens.identify('b')]);
  expect(checked).toEqual(['a', 'b', 'a', 'b']);
});

test('keeps so many, and forgets the one not seen for the longest time', async () => {
  const { tokens, checked } = setUp({ tokensMax: 2 });
  for (const token of ['a', 'b', 'a', 'c']) await tokens.identify(token);
  checked.length = 0;
  for (const token of ['a', 'c', 'b']) await tokens.identify(token);
  expect(checked).toEqual(['b']);
});
