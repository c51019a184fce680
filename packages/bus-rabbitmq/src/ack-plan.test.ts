import type { Settlement } from '@simple-scheduler/engine';
import { expect, test } from 'vitest';
import { planAcks } from './ack-plan.ts';

/** `a`ck, `r`etry, `d`ead. */
function kinds(letters: string): Settlement['kind'][] {
  const names = { a: 'ack', r: 'retry', d: 'dead' } as const;
  return Array.from(letters, (letter) => names[letter as keyof typeof names]);
}

test.each([
  ['aaaa', false, 3, []],
  ['aaaa', true, undefined, [0, 1, 2, 3]],
  ['aara', false, 1, [3]],
  ['daaa', false, undefined, [1, 2, 3]],
  ['rdr', false, undefined, []],
  ['adara', false, 0, [2, 4]],
  ['', false, undefined, []],
])('%s with older ones held: %s', (letters, isOlderHeld, upTo, singles) => {
  expect(planAcks(kinds(letters), isOlderHeld)).toEqual({ upTo, singles });
});
