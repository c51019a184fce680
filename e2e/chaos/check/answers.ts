import { describeRun, type History, type RunFact, type Violation } from './history.ts';

/** Invariant 7, for runs that users asked for: a key has one run, and what was answered exists. */
export function checkAnswers(asked: History['asked'], runs: readonly RunFact[]): Violation[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const answered = new Set(asked.flatMap(({ answers }) => answers));
  const violations = asked.flatMap(({ key, job, answers }): Violation[] => {
    const ids = [...new Set(answers)];
    if (ids.length > 1) return [{ check: 'answers hold', what: `${key} was answered with ${ids.join(', ')}` }];
    return ids
      .filter((id) => byId.get(id)?.job !== job)
      .map((id) => ({ check: 'answers hold', what: `${key} was answered with ${id}, which is no run of ${job}` }));
  });
  // Asked until answered, under the same key: none can be left over that nobody was told of.
  const strangers = runs.filter(({ trigger, id }) => trigger === 'manual' && !answered.has(id));
  return [
    ...violations,
    ...strangers.map((run) => ({ check: 'answers hold', what: `nobody was told of ${describeRun(run)}` })),
  ];
}
