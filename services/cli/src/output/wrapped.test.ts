import { expect, test } from 'vitest';
import { wrapped } from './wrapped.ts';

test('messages are broken between words, and never within a command', () => {
  const sentence = 'Error: There is no job named nope: see `sched list jobs --name x` for those that there are.';
  expect(wrapped(sentence, 46).split('\n')).toEqual([
    'Error: There is no job named nope: see',
    '`sched list jobs --name x` for those that',
    'there are.',
  ]);
});

test('what is no terminal gets them whole', () => {
  expect(wrapped('x '.repeat(200), undefined)).toBe('x '.repeat(200));
});

test('an address that is longer than a line stays in one piece', () => {
  const address = `http://id/${'a'.repeat(100)}`;
  expect(wrapped(`Log in at ${address}`, 50)).toBe(`Log in at\n${address}`);
});
