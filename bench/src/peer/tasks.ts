import type { Tasks } from '@simple-scheduler/bench-peers';
import { jobName } from '../jobs.ts';
import { type Parameters, repeats } from '../parameters.ts';

export const INTERVAL_MS = 1_000;
/** The first seconds of w1 are not measured. */
export const WARM_UP_MS = 3_000;

/** The work of w2: all due at once. `firstIndex`: of their names, so that each burst has others. */
export function tasksOfBurst(jobs: number, { dueAt, firstIndex }: { dueAt: number; firstIndex: number }): Tasks {
  const tasks = Array.from({ length: jobs }, (_, index) => ({ name: jobName(firstIndex + index), dueAt }));
  return { kind: 'once', tasks };
}

/** The work of w1, evenly spread over the second; as once tasks for those that do not repeat them. */
export function tasksOfIntervals(parameters: Parameters, firstAt: number): Tasks {
  const { jobs } = parameters;
  const indexes = Array.from({ length: jobs }, (_, index) => index);
  const phase = (index: number): number => Math.floor((index / jobs) * INTERVAL_MS);
  if (repeats(parameters)) {
    const intervalMs = INTERVAL_MS;
    const tasks = indexes.map((index) => ({ name: jobName(index), firstAt: firstAt + phase(index), intervalMs }));
    return { kind: 'repeated', tasks };
  }
  const seconds = Array.from({ length: tasksIn(parameters) / jobs }, (_, second) => second);
  const tasks = seconds.flatMap((second) =>
    indexes.map((index) => ({ name: jobName(index), dueAt: firstAt + second * INTERVAL_MS + phase(index) })),
  );
  return { kind: 'once', tasks };
}

/** How many are added. */
export function tasksIn(parameters: Parameters): number {
  const ticks = parameters.seconds + WARM_UP_MS / INTERVAL_MS;
  return parameters.load === 'w2' || repeats(parameters) ? parameters.jobs : parameters.jobs * ticks;
}
