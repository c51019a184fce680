import { expect, it } from 'vitest';
import { changeBetween, isNoChange } from './record.ts';
import { sampleRun } from './sample-run.ts';

const running = sampleRun({ status: 'running', attempt: 2, owes: 'run', heartbeatAt: 7, watchAt: 9 });

it('writes what differs, and takes away what is gone', () => {
  const { owes: _, ...confirmed } = running;
  expect(changeBetween(running, { ...confirmed, heartbeatAt: 8 })).toEqual({
    set: { heartbeatAt: 8 },
    unset: ['owes'],
  });
  expect(isNoChange(changeBetween(running, { ...running }))).toBe(true);
});

it('leaves nothing to the next attempt of what may have been written about the last one meanwhile', () => {
  // The confirm of attempt 2 may clear `owes`, and a heartbeat move `heartbeatAt`, after this picture was taken.
  const { heartbeatAt: _, ...rest } = running;
  const { set, unset } = changeBetween(running, { ...rest, status: 'pending', attempt: 3 });
  expect(set).toEqual({ status: 'pending', attempt: 3, owes: 'run', watchAt: 9 });
  expect(unset.toSorted()).toEqual(['heartbeatAt', 'message', 'progress', 'publishedAt']);
});
