import { ApiError } from '@simple-scheduler/client';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, throwAll, usageFailure } from '../failures.ts';
import { nearest } from '../nearest.ts';

/** How many jobs are looked at for a name that may have been meant, and for how long. */
const CANDIDATES = 500;
const SEARCH_MS = 3_000;

/** The one name given, as an argument or with `-n`. */
export function theName(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined && argument !== option) {
    throw usageFailure(`The job is named twice, ${argument} and ${option}: name it once.`);
  }
  const name = argument ?? option;
  if (name === undefined) throw usageFailure('Name the job, as an argument or with -n.');
  return name;
}

/** All names given, each once, as arguments or with `-n`. */
export function theNames(given: readonly string[], option: readonly string[] | undefined): string[] {
  const names = [...new Set([...given, ...(option ?? [])])];
  if (names.length === 0) throw usageFailure('Name the job, as an argument or with -n.');
  return names;
}

/**
 * Acts on each in turn, then shows what came of it. What fails does not keep the others from being done, and is told at
 * the end.
 */
export async function forEachOf<T>(
  things: readonly string[],
  act: (thing: string) => Promise<T>,
  show?: (results: readonly T[]) => Promise<unknown>,
): Promise<void> {
  const results: T[] = [];
  const failures: unknown[] = [];
  for (const thing of things) {
    try {
      results.push(await act(thing));
    } catch (error) {
      failures.push(error);
    }
  }
  await show?.(results);
  throwAll(failures);
}

/** Does something with a job; where there is none of that name, says which one may have been meant. */
export async function withJob<T>(context: Context, name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new CliFailure(EXIT.refused, await noSuchJob(context, name), { cause });
  }
}

async function noSuchJob(context: Context, name: string): Promise<string> {
  const meant = nearest(name, await jobNames(context));
  const next = meant === undefined ? `see \`${context.io.program} list jobs\`.` : `did you mean ${meant}?`;
  return `There is no job named ${name}: ${next}`;
}

/** Nothing listed for a job is no failure, but may come of a name that is mistyped. */
export async function hintAtMissingJob(context: Context, name: string): Promise<void> {
  try {
    await context.client.jobs.get(name, { signal: AbortSignal.timeout(SEARCH_MS) });
  } catch (error) {
    if (isMissing(error)) context.hint(await noSuchJob(context, name));
  }
}

/** Does something with a run; where there is none of that id, says where to find them. */
export async function withRun<T>(context: Context, id: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const sentence = `There is no run ${id}: see \`${context.io.program} list runs\`.`;
    throw new CliFailure(EXIT.refused, sentence, { cause });
  }
}

/** A 404 of the API itself; one without a problem body comes from something else at that address. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.problem !== undefined;
}

/** Names for a suggestion: none where they can't be had at once. */
async function jobNames({ client }: Context): Promise<string[]> {
  try {
    const { items } = await client.jobs.list({ limit: CANDIDATES, signal: AbortSignal.timeout(SEARCH_MS) });
    return items.map(({ name }) => name);
  } catch {
    return [];
  }
}
