import { expect, test } from 'vitest';
import { LEASE_MS } from '../lease.ts';
import { describeFault, type Fault, planSteps, type Step, type Targets } from './plan.ts';

const targets: Targets = {
  scheduler: ['scheduler-1', 'scheduler-2', 'scheduler-3'],
  custodian: ['custodian-1', 'custodian-2'],
  api: ['api-1'],
  worker: ['worker-1', 'worker-2', 'worker-3', 'worker-4'],
};
function steps(seed: number, count: number): Step[] {
  const plan = planSteps(seed, targets);
  return Array.from({ length: count }, () => plan.next().value);
}
const faults = (of: readonly Step[]): Fault[] =>
  of.flatMap(({ fault, meanwhile }) => (meanwhile === undefined ? [fault] : [fault, meanwhile.fault]));

test('the same seed plans the same, another seed something else', () => {
  expect(steps(7, 50)).toEqual(steps(7, 50));
  expect(steps(7, 50)).not.toEqual(steps(8, 50));
});

test.each([1, 2, 3, 4, 5])('seed %i: every kind of fault comes soon', (seed) => {
  const kinds = new Set(faults(steps(seed, 24)).map(({ kind }) => kind));
  expect(kinds).toEqual(
    new Set([
      ...['kill', 'pause', 'broker restart', 'broker closes connections', 'step-down', 'mongod kill'],
      ...['delay', 'halve', 'cut'],
    ]),
  );
});

test('pauses are longer than the lease, and faults that go together do not meet in one part', () => {
  const all = steps(3, 200);
  for (const fault of faults(all)) if (fault.kind === 'pause') expect(fault.holdMs).toBeGreaterThan(LEASE_MS + 1_000);
  const isProcess = ({ kind }: Fault): boolean => kind === 'kill' || kind === 'pause';
  const pairs = all.flatMap(({ fault, meanwhile }) => (meanwhile === undefined ? [] : [[fault, meanwhile.fault]]));
  expect(pairs.length).toBeGreaterThan(20);
  for (const [first, second] of pairs) expect(isProcess(first as Fault)).not.toBe(isProcess(second as Fault));
});

test('every process is a target, and workers are not cut off from MongoDB, which they do not know', () => {
  const all = faults(steps(11, 400));
  const killed = new Set(all.flatMap((fault) => (fault.kind === 'kill' ? [fault.target] : [])));
  expect(killed).toEqual(new Set(Object.values(targets).flat()));
  for (const fault of all)
    if ('from' in fault && fault.from.startsWith('worker')) expect(fault.to, describeFault(fault)).toBe('rabbitmq');
});
