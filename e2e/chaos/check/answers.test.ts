import { expect, test } from 'vitest';
import { checkAnswers } from './answers.ts';
import { idOf, sampleRun } from './sample.ts';

const manual = (n: number): ReturnType<typeof sampleRun> => sampleRun(n, { trigger: 'manual' });
const whats = (...args: Parameters<typeof checkAnswers>): string =>
  checkAnswers(...args)
    .map(({ what }) => what)
    .join('; ');

test('is content with a run for each answer, also when asked again', () => {
  const asked = [
    { key: 'k1', job: 'a', answers: [idOf(1), idOf(1)] },
    { key: 'k2', job: 'a', answers: [idOf(2)] },
    { key: 'k3', job: 'a', answers: [] },
  ];
  expect(checkAnswers(asked, [manual(1), manual(2), sampleRun(3)])).toEqual([]);
});

test('notices a key with two runs, a run that is gone or another job’s, and one that nobody was told of', () => {
  expect(whats([{ key: 'k', job: 'a', answers: [idOf(1), idOf(2)] }], [manual(1), manual(2)])).toMatch(
    /^k was answered with .*1, .*2$/,
  );
  expect(whats([{ key: 'k', job: 'a', answers: [idOf(1)] }], [])).toMatch(/no run of a$/);
  expect(whats([{ key: 'k', job: 'b', answers: [idOf(1)] }], [manual(1)])).toMatch(/no run of b$/);
  expect(whats([], [manual(1)])).toMatch(/^nobody was told of/);
});
