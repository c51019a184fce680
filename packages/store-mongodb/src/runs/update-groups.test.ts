import type { RunUpdate } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { groupUpdates } from './update-groups.ts';

const update = (
  id: string,
  rev: number,
  set: RunUpdate['change']['set'],
  unset: RunUpdate['change']['unset'] = [],
) => ({
  id,
  rev,
  change: { set, unset },
});

const shape = (updates: readonly RunUpdate[]): unknown =>
  groupUpdates(updates).map((group) => [group.indexes, group.ids]);

describe('groups of updates', () => {
  it('hold the same change of the same rev', () => {
    const updates = [
      update('a', 0, { status: 'running', startedAt: 5 }),
      update('b', 1, { status: 'running', startedAt: 5 }),
      update('c', 0, { status: 'running', startedAt: 5 }),
      update('d', 0, { status: 'running', startedAt: 6 }),
      update('e', 0, { status: 'running', startedAt: 5 }, ['watchAt']),
    ];
    expect(shape(updates)).toStrictEqual([
      [
        [0, 2],
        ['a', 'c'],
      ],
      [[1], ['b']],
      [[3], ['d']],
      [[4], ['e']],
    ]);
  });

  it('keep apart outputs that differ in the least', () => {
    const outputs = [null, 0, '0', '', false, [], {}, { a: undefined, b: 1 }, '\ud800', '\\ud800'];
    expect(groupUpdates(outputs.map((output, i) => update(`${i}`, 0, { output })))).toHaveLength(outputs.length);
  });

  it('leave alone what takes a slot, and put it last', () => {
    const updates = [
      update('a', 0, { slot: 'x:a' }),
      update('b', 0, { slot: 'x:a' }),
      update('c', 0, { status: 'completed' }, ['slot']),
    ];
    expect(shape(updates)).toStrictEqual([
      [[2], ['c']],
      [[0], ['a']],
      [[1], ['b']],
    ]);
  });
});
