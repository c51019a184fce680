import { readFileSync } from 'node:fs';
import { NAME_PATTERN, RUN_ID_PATTERN } from '@simple-scheduler/contracts';
import { InvalidArgumentError } from 'commander';
import { DURATION_HELP, parseDuration } from './duration.ts';
import { INSTANT_HELP, parseInstant } from './instant.ts';

// How the words of the command line become values. Each throws commander's InvalidArgumentError, whose text completes
// "argument 'x' is invalid."

export function durationArgument(text: string): number {
  return parseDuration(text) ?? refuse(`Give ${DURATION_HELP}.`);
}

const LONGEST_TIMEOUT_MS = 86_400_000;

export function timeoutArgument(text: string): number {
  const timeoutMs = durationArgument(text);
  return timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS ? timeoutMs : refuse('Give a duration from 1 ms to 24h.');
}

/** Time between two looks at the API: it is not to be asked without a pause. */
export function pauseArgument(text: string): number {
  const ms = durationArgument(text);
  return ms >= 100 && ms <= LONGEST_TIMEOUT_MS ? ms : refuse('Give a duration from 100 ms to 24h.');
}

export function instantArgument(text: string): string {
  return parseInstant(text, Date.now()) ?? refuse(`Give ${INSTANT_HELP}.`);
}

export function countArgument(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : refuse('Give a whole number.');
}

/** As `countArgument`, from 1. */
export function limitArgument(text: string): number {
  const count = countArgument(text);
  return count > 0 ? count : refuse('Give a whole number of 1 or more.');
}

export function booleanArgument(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return refuse('Give true or false.');
}

export function jobNameArgument(text: string): string {
  const help =
    'A name has letters, digits, ".", "_" and "-", starts with a letter or digit and has at most 200 characters.';
  return NAME_PATTERN.test(text) ? text : refuse(help);
}

export function jobNamesArgument(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), jobNameArgument(text)];
}

/** Names that follow the rules of job names without being any. */
export const queueNameArgument = (text: string): string => jobNameArgument(text);
export const setNameArgument = (text: string): string => jobNameArgument(text);
export const contextNameArgument = (text: string): string => jobNameArgument(text);

export function contextNamesArgument(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), contextNameArgument(text)];
}

/** A name, or the beginning of one followed by `*`: the API says what it takes. */
export const jobPatternArgument = (text: string): string => text;

export function runIdArgument(text: string): string {
  return RUN_ID_PATTERN.test(text) ? text : refuse('A run id has 24 characters of 0-9 and a-f.');
}

export function runIdsArgument(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), runIdArgument(text)];
}

/** `key=value`, added to the pairs given before. */
export function pairArgument(text: string, previous: Record<string, string> | undefined): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) return refuse('Give it as key=value.');
  return { ...previous, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** As the header in which it travels takes it. */
export function idempotencyKeyArgument(text: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(text) ? text : refuse('Give 1 to 255 visible ASCII characters.');
}

/** A value that may be null, which commander would take for none. */
export interface GivenJson {
  readonly json: unknown;
}

/** JSON as it stands, from a file (`@file`) or from standard input (`@-`). */
export function jsonArgument(text: string): GivenJson {
  const source = text.startsWith('@') ? readSource(text.slice(1)) : text;
  try {
    return { json: JSON.parse(source) as unknown };
  } catch (error) {
    return refuse(`It is not valid JSON (${(error as Error).message}); text needs quotes, as in '"text"'.`);
  }
}

function readSource(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    return refuse(
      `${path === '-' ? 'Standard input' : path} can't be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

/** A list of words of which each must be one of `known`; repeated or with commas. */
export function oneOf<T extends string>(known: readonly T[]): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous = []) => {
    const words = text.split(',').map((word) => word.trim());
    const unknown = words.find((word) => !(known as readonly string[]).includes(word));
    if (unknown !== undefined) return refuse(`Give one or more of ${known.join(', ')}.`);
    return [...previous, ...(words as T[])];
  };
}

function refuse(message: string): never {
  throw new InvalidArgumentError(message);
}
