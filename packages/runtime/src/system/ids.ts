import { randomBytes } from 'node:crypto';
import type { Ids } from '@simple-scheduler/engine';

const COUNTER_LIMIT = 0x1_00_00_00;

/**
 * Ids of one process. A run id is 12 hex characters of its time, 6 that tell this process from others, and 6 of a
 * counter: ids of one process sort in the order in which they were made, which is what "oldest first" goes by.
 */
export function createSystemIds(processTag: string = randomBytes(3).toString('hex')): Ids {
  let counter = 0;
  return {
    runId: (createdAt) => {
      const count = counter;
      counter = (counter + 1) % COUNTER_LIMIT;
      return hex(createdAt, 12) + processTag + hex(count, 6);
    },
    uid: () => randomBytes(12).toString('hex'),
  };
}

function hex(value: number, length: number): string {
  return Math.trunc(value).toString(16).padStart(length, '0');
}
