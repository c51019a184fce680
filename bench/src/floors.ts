import type { Result } from './report.ts';
import { numberAt } from './values.ts';

/**
 * The ways in which the bare broker moves as many messages as the runs have, persistent, with confirms and acknowledgements,
 * both ways at once. `sameMessages`: the very messages, through the kinds of queues that we use, to the worker's process and
 * back. `classic` and `quorum`: all in one queue of that kind, one process being both ends.
 */
export const FLOORS = ['sameMessages', 'classic', 'quorum'] as const;
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
  const paths: Readonly<Record<FloorName, string>> = {
    sameMessages: `${roundTrip}.messagesPerSecond`,
    classic: 'rabbitmq.classic.bothWaysPerSecond',
    quorum: 'rabbitmq.quorum.bothWaysPerSecond',
  };
  return mapFloors((name) => {
    const rate = numberAt(floor?.measured, paths[name]);
    return rate === undefined ? undefined : rate / messages;
  });
}

/** A figure of the round trip, which alone is of all the processes that a run needs. */
export function sameMessagesOf(floor: Measured, terse: boolean, figure: string): Floors {
  const path = `${WORK[terse ? 'terse' : 'usual'].roundTrip}.${figure}`;
  return mapFloors((name) => (name === 'sameMessages' ? numberAt(floor?.measured, path) : undefined));
}

/** Those for which there is a value. */
export function mapFloors<T>(value: (name: FloorName) => T | undefined): Partial<Record<FloorName, T>> {
  const entries = FLOORS.map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Partial<Record<FloorName, T>>;
}
