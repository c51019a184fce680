import { readFile } from 'node:fs/promises';
import { text as allOf } from 'node:stream/consumers';
import { ApiError, UnreachableError } from '@simple-scheduler/client';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, fieldFault, SeveralFailures, throwAll, usageFailure } from '../failures.ts';
import { canAsk } from '../io.ts';
import { changesTo } from '../declared/changes.ts';
import { eachInParallel } from '../declared/each-in-parallel.ts';
import { readJobFile } from '../declared/job-file.ts';
import type { DeclaredJob } from '../declared/job-file.ts';
import { OWNER_LABEL, ownedBy, ownerOf, ownershipFaults } from '../declared/ownership.ts';
import { countedKinds, diffLines, doneOf, stepView } from '../declared/step.ts';
import type { Step } from '../declared/step.ts';
import { confirmDeletion } from './delete.ts';
import { isMissing } from './naming.ts';

export interface ApplyOptions {
  readonly file: readonly string[];
  readonly set?: string;
  readonly prune?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Makes the jobs of the API what the files declare. A fault anywhere, and nothing is changed. */
export async function applyFiles(context: Context, options: ApplyOptions): Promise<void> {
  const { jobs, set } = await declaredJobs(context, options);
  if (options.prune && set === undefined) {
    throw usageFailure('--prune deletes the jobs of a set: name it, with `set:` in the file or with --set.');
  }
  const steps = await planned(context, { jobs, set, prune: options.prune === true });
  if (options.dryRun) return showPlan(context, steps);
  const doomed = steps.filter(({ kind }) => kind === 'delete').map(({ name }) => name);
  if (doomed.length > 0 && !options.yes && canAsk(context.io)) await confirmDeletion(context, doomed);
  const { done, failures } = await carriedOut(context, steps);
  if (done.length > 0) await context.print.list(stepView, done.map(doneOf));
  throwAll(failures);
  context.hint(`${sentenceCase(countedKinds(done.map(({ kind }) => kind)))}.`);
}

/** Deletes come last, and not at all where anything else has failed: what was to take their place may be missing. */
async function carriedOut(
  context: Context,
  steps: readonly Step[],
): Promise<{ readonly done: readonly Step[]; readonly failures: readonly Error[] }> {
  const done: Step[] = [];
  const failures: Error[] = [];
  for (const step of steps) {
    if (step.kind === 'delete' && failures.length > 0) continue;
    try {
      done.push(await taken(context, step));
    } catch (error) {
      // Nobody there for one, nobody there for the others. First, so that the exit code tells of it.
      if (error instanceof UnreachableError) return { done, failures: [error, ...failures] };
      failures.push(error as Error);
    }
  }
  return { done, failures };
}

async function declaredJobs(
  context: Context,
  options: ApplyOptions,
): Promise<{ readonly jobs: readonly DeclaredJob[]; readonly set: string | undefined }> {
  const files = [];
  for (const path of options.file)
    files.push(await readJobFile(path === '-' ? 'stdin' : path, await textOf(context, path)));
  const sets = [...new Set(files.map(({ set }) => set).filter((set) => set !== undefined))];
  const set = options.set ?? sets[0];
  const faults = files.flatMap((file) => file.faults);
  if (options.set === undefined && sets.length > 1)
    faults.push(`the files name several sets, ${sets.join(' and ')}: apply them one by one`);
  const jobs = files.flatMap((file) => file.jobs);
  faults.push(...ownershipFaults(jobs, set), ...repeatedNames(jobs));
  throwAll(faults.map((fault) => usageFailure(`${fault}.`)));
  return { jobs: jobs.map(({ job, at }) => ({ job: ownedBy(job, set), at })), set };
}

/** Within one file they are found as it is read. */
function repeatedNames(jobs: readonly DeclaredJob[]): string[] {
  const first = new Map<string, DeclaredJob>();
  return jobs.flatMap((declared) => {
    const { job, at } = declared;
    const twin = first.get(job.name);
    if (twin === undefined) first.set(job.name, declared);
    return twin === undefined ? [] : [`${at(['name'])}: ${job.name} is declared before, at ${twin.at(['name'])}`];
  });
}

async function textOf({ io }: Context, path: string): Promise<string> {
  try {
    return path === '-' ? await allOf(io.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    throw usageFailure(`${path} can't be read (${(error as NodeJS.ErrnoException).code}): give the file with -f.`);
  }
}

async function planned(
  { client, io }: Context,
  wanted: { readonly jobs: readonly DeclaredJob[]; readonly set: string | undefined; readonly prune: boolean },
): Promise<Step[]> {
  const steps = await eachInParallel(wanted.jobs, async (declared): Promise<Step> => {
    const { name } = declared.job;
    const found = await orMissing(() => client.jobs.getTagged(name));
    const changes = changesTo(found?.job, declared.job);
    if (found === undefined) return { name, kind: 'create', changes, declared };
    const owner = ownerOf(found.job);
    if (owner !== undefined && owner !== ownerOf(declared.job)) {
      const sentence = `${declared.at(['name'])}: ${name} belongs to the set ${owner}: apply it with --set ${owner}, or give it away first with \`${io.program} update job ${name} --meta ${OWNER_LABEL}=...\`.`;
      throw new CliFailure(EXIT.refused, sentence);
    }
    const kind = changes.length === 0 ? 'keep' : 'update';
    return { name, kind, changes, declared, present: found.job, etag: found.etag };
  });
  if (!wanted.prune || wanted.set === undefined) return steps;
  const declared = new Set(steps.map(({ name }) => name));
  for await (const job of client.jobs.each({ meta: { [OWNER_LABEL]: wanted.set }, limit: 500 })) {
    if (!declared.has(job.name)) steps.push({ name: job.name, kind: 'delete', changes: [], present: job });
  }
  return steps;
}

async function showPlan(context: Context, steps: readonly Step[]): Promise<void> {
  const { output } = context.options;
  if (output === 'table' || output === 'wide') await context.print.lines(diffLines(steps));
  else await context.print.list(stepView, steps.filter(({ kind }) => kind !== 'keep').map(doneOf));
  const words = { create: 'to create', update: 'to update', delete: 'to delete', keep: 'unchanged' };
  context.hint(
    `${sentenceCase(
      countedKinds(
        steps.map(({ kind }) => kind),
        words,
      ),
    )}; nothing was changed.`,
  );
}

/** Does it, and tells what was done: what the API finds to be the same already is not changed. */
async function taken({ client }: Context, step: Step): Promise<Step> {
  const { name, declared, present, etag } = step;
  try {
    if (step.kind === 'delete') await client.jobs.delete(name);
    else if (step.kind === 'create' && declared !== undefined) await client.jobs.create(declared.job);
    else if (step.kind === 'update' && declared !== undefined) {
      const { name: _name, ...fields } = declared.job;
      const { job } = await client.jobs.put(name, fields, etag === undefined ? {} : { ifMatch: etag });
      if (job.revision === present?.revision) return { ...step, kind: 'keep', changes: [] };
    }
    return step;
  } catch (cause) {
    throw refusalAt(cause, step);
  }
}

/** The API knows more than the schema: which cron expressions and zones there are. It is told with the line, too. */
function refusalAt(cause: unknown, { name, declared }: Step): unknown {
  if (!(cause instanceof ApiError) || cause.problem === undefined) return cause;
  if (cause.status === 409 || cause.status === 412) {
    return new CliFailure(EXIT.refused, `${name} was changed by others in the meantime: apply again.`, { cause });
  }
  if (cause.status !== 422 || declared === undefined) return cause;
  const faults = cause.fieldErrors.map(
    (field) => `${declared.at(field.path.split('.'))}: ${name}: ${fieldFault(field)}`,
  );
  const told = faults.length === 0 ? [`${declared.at([])}: ${name}: ${cause.message}`] : faults;
  const failures = told.map((fault) => new CliFailure(EXIT.refused, `${fault.replace(/\.$/, '')}.`, { cause }));
  return failures.length === 1 ? failures[0] : new SeveralFailures(failures);
}

async function orMissing<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
