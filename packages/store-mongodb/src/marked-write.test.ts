import { StoreUnavailableError } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { settleMarked, type Verdict } from './marked-write.ts';

describe('who of a batch was changed', () => {
  it.each<[string, Verdict[], number, number[]]>([
    ['those that bear our mark', ['ours', 'not_ours', 'ours'], 2, [0, 2]],
    ['none of those that others overtook, where the marks account for all', ['ours', 'unknown', 'unknown'], 1, [0]],
    [
      'all that others overtook, where the count asks for all',
      ['unknown', 'not_ours', 'ours', 'unknown'],
      3,
      [0, 2, 3],
    ],
    ['nobody', ['not_ours', 'unknown'], 0, []],
  ])('is %s', (_title, verdicts, changed, ours) => {
    expect([...settleMarked(verdicts, changed)].toSorted((a, b) => a - b)).toStrictEqual(ours);
  });

  it('is not guessed', () => {
    expect(() => settleMarked(['ours', 'unknown', 'unknown'], 2)).toThrow(StoreUnavailableError);
  });
});
