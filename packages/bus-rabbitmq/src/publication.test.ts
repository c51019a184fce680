import { expect, test } from 'vitest';
import { Deadline } from './deadline.ts';
import { type Publication, PublicationBatch } from './publication.ts';

function batchOf(count: number, deadline = new Deadline(60_000)) {
  const publication: Publication = { exchange: 'x', routingKey: 'run', content: Buffer.from('{}'), options: {} };
  const late: number[] = [];
  const publications = Array.from({ length: count }, () => publication);
  return {
    batch: new PublicationBatch(publications, deadline, (outstanding) => late.push(outstanding)),
    deadline,
    late,
  };
}

test('gives out each once, in order, and resolves when all are settled in any order', async () => {
  const { batch, deadline } = batchOf(3);
  expect([0, 1, 2, 3].map(() => batch.takeNext())).toEqual([0, 1, 2, undefined]);
  batch.settle(2, 'confirmed');
  batch.settle(0, 'refused');
  expect(batch.isOver).toBe(false);
  batch.settle(1, 'confirmed');
  expect(await batch.settled).toEqual(['refused', 'confirmed', 'confirmed']);
  deadline.clear();
});

test('holds back what was not sent when one before it fails, and waits for those that were', async () => {
  const { batch, deadline } = batchOf(4);
  batch.takeNext();
  batch.takeNext();
  batch.settle(0, 'returned');
  expect(batch.takeNext()).toBeUndefined();
  expect(batch.isOver).toBe(false);
  batch.settle(1, 'confirmed');
  expect(await batch.settled).toEqual(['returned', 'confirmed', 'held', 'held']);
  deadline.clear();
});

test('ends with the deadline: what is known stays known, the rest is late, and later answers change nothing', async () => {
  const { batch, deadline, late } = batchOf(4);
  for (let i = 0; i < 3; i++) batch.takeNext();
  batch.settle(0, 'confirmed');
  deadline.end();
  expect(late).toEqual([2]);
  expect(batch.takeNext()).toBeUndefined();
  batch.settle(1, 'confirmed');
  expect(await batch.settled).toEqual(['confirmed', 'late', 'late', 'late']);
});

test('a deadline after the end means nothing', async () => {
  const { batch, deadline, late } = batchOf(1);
  batch.takeNext();
  batch.settle(0, 'confirmed');
  deadline.end();
  expect(await batch.settled).toEqual(['confirmed']);
  expect(late).toEqual([]);
});
