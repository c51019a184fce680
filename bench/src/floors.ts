import type { Result } from './report.ts';
import { numberAt } from './values.ts';

/**
 * The ways in which the bare broker moves as many messages as the runs have, persistent, with confirms and acknowledgements,
 * both ways at once. `sameMessages`: the very messages, through the kinds of queues that we use, to the worker's process and
 * back. `classic` and `quorum`: all in one queue of that kind, one process being both ends. And `parts`: the same messages and,
 * after them, the writes that the database cannot be spared; a machine that is busy with either has nothing left for the other.
 */
const FLOORS = ['sameMessages', 'classic', 'quorum', 'parts'] as const;
export type FloorName = (typeof FLOORS)[number];
export type Floors = Readonly<Partial<Record<FloorName, number>>>;

const WORK = {
  usual: { messages: 3, roundTrip: 'threePerRun' },
  terse: { messages: 2, roundTrip: 'twoPerRun' },
} as const;

type Measured = Pick<Result, 'measured'> | undefined;

/** Runs per second, by the messages that they have. */
export function runsPerSecondOfFloors(floor: Measured, terse: boolean): Floors {
  const { messages, roundTrip } = WORK[terse ? 'terse' : 'usual'];
  const moved = (path: string): number => (numberAt(floor?.measured, path) ?? Number.NaN) / messages;
  const sameMessages = moved(`${roundTrip}.messagesPerSecond`);
  const written = numberAt(floor?.measured, 'writes.runsPerSecond') ?? Number.NaN;
  return present({
    sameMessages,
    classic: moved('rabbitmq.classic.bothWaysPerSecond'),
    quorum: moved('rabbitmq.quorum.bothWaysPerSecond'),
    parts: 1 / (1 / sameMessages + 1 / written),
  });
}

/** CPU of all the processes that take part, ms per 1,000 runs; the floors with one queue are not measured so. */
export function cpuOfFloors(floor: Measured, terse: boolean): Floors {
  const cpuOf = (part: string): number => numberAt(floor?.measured, `${part}.cpuMsPer1000Runs.all`) ?? Number.NaN;
  const sameMessages = cpuOf(WORK[terse ? 'terse' : 'usual'].roundTrip);
  return present({ sameMessages, parts: sameMessages + cpuOf('writes') });
}

/** Those that were measured. */
const present = (values: Readonly<Partial<Record<FloorName, number>>>): Floors =>
  mapFloors((name) => (Number.isNaN(values[name]) ? undefined : values[name]));

/** Those for which there is a value. */
export function mapFloors<T>(value: (name: FloorName) => T | undefined): Partial<Record<FloorName, T>> {
  const entries = FLOORS.map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Partial<Record<FloorName, T>>;
}
