import { LIVE_STATUSES, ENDED_STATUSES, RUN_STATUSES } from '@simple-scheduler/contracts';
import type { RunStatus } from '@simple-scheduler/contracts';
import type { Command } from 'commander';
import { CLEARABLE_FIELDS } from '../commands/update.ts';
import type { Context } from '../context.ts';
import { scheduleInWords } from '../output/job-view.ts';
import {
  booleanArgument,
  contextNameArgument,
  contextNamesArgument,
  jobNameArgument,
  jobNamesArgument,
  jobPatternArgument,
  runIdArgument,
  runIdsArgument,
} from '../values/arguments.ts';
import { flagsOf, placeOf } from './place.ts';
import type { Place } from './place.ts';
import { FILES } from './scripts.ts';

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

const MOST = 200;
/** Whoever presses a key waits no longer. */
const PATIENCE_MS = 3_000;

/** What may stand where the cursor is. `open` makes what the API is asked with, for the API that the words name. */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  open: (given: { readonly url?: string; readonly context?: string }) => Context,
): Promise<Candidate[]> {
  const place = placeOf(program, words);
  const before = place.kind === 'value' ? place.before : '';
  const found = await wordsAt(place, () => open(apiNamedIn(words)));
  return found
    .filter(({ word }) => word === FILES || word.startsWith(place.typed))
    .map((candidate) => (candidate.word === FILES ? candidate : { ...candidate, word: `${before}${candidate.word}` }));
}

async function wordsAt(place: Place, open: () => Context): Promise<Candidate[]> {
  switch (place.kind) {
    case 'command':
      return place.of
        .createHelp()
        .visibleCommands(place.of)
        .filter((child) => child.name() !== 'help' || place.of.parent === null)
        .map((child) => ({ word: child.name(), description: child.description() }));
    case 'flag':
      return flagsOf(place.of).map(({ long, description }) => ({ word: long ?? '', description }));
    case 'value':
      return valuesAt(place, open);
    case 'nothing':
      return [];
  }
}

async function valuesAt(place: Place & { kind: 'value' }, open: () => Context): Promise<Candidate[]> {
  const { argChoices, parseArg: parse } = place.for;
  if (argChoices !== undefined) return plain(argChoices);
  const long = 'long' in place.for ? place.for.long : undefined;
  if (long === '--file') return plain([FILES]);
  if (long === '--status') return plain(RUN_STATUSES);
  if (long === '--clear') return plain(CLEARABLE_FIELDS);
  const reads = (...readers: readonly unknown[]): boolean => readers.includes(parse);
  if (reads(booleanArgument)) return plain(['true', 'false']);
  if (reads(contextNameArgument, contextNamesArgument)) {
    return open()
      .contexts.list()
      .map(({ name, url }) => ({ word: name, description: url }));
  }
  // A new job has a name that none has yet.
  if (place.of.parent?.name() === 'add') return [];
  if (reads(jobNameArgument, jobNamesArgument, jobPatternArgument)) return jobsAt(place.typed, open());
  if (reads(runIdArgument, runIdsArgument)) return runsFor(place.of.parent?.name(), open());
  return [];
}

async function jobsAt(typed: string, { client }: Context): Promise<Candidate[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { items } = await client.jobs.list({ ...(typed !== '' && { name: `${typed}*` }), limit: MOST, signal });
  return items.map((job) => ({ word: job.name, description: job.description ?? scheduleInWords(job) }));
}

/** Only runs that the verb can do something with. */
const USEFUL: Readonly<Record<string, readonly RunStatus[]>> = { cancel: LIVE_STATUSES, retry: ENDED_STATUSES };

async function runsFor(verb: string | undefined, { client }: Context): Promise<Candidate[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const status = verb === undefined ? undefined : USEFUL[verb];
  const { items } = await client.runs.list({ ...(status && { status }), limit: MOST, signal });
  return items.map((run) => ({ word: run.id, description: `${run.jobName}, ${run.status}` }));
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, description: '' }));
}

/** The API that the words before the cursor name. */
function apiNamedIn(words: readonly string[]): { readonly url?: string; readonly context?: string } {
  const valueOf = (...flags: readonly string[]): string | undefined => {
    const at = words.findLastIndex((word, index) => index < words.length - 2 && flags.includes(word));
    const next = at < 0 ? undefined : words[at + 1] === '=' ? words[at + 2] : words[at + 1];
    return next ?? words.find((word) => word.startsWith(`${flags.at(-1)}=`))?.slice(`${flags.at(-1)}=`.length);
  };
  const [url, context] = [valueOf('-u', '--url'), valueOf('--context')];
  return { ...(url === undefined ? {} : { url }), ...(context === undefined ? {} : { context }) };
}
