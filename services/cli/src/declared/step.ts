import type { Job } from '@simple-scheduler/contracts';
import { formatDuration } from '../values/duration.ts';
import { jobView } from '../output/job-view.ts';
import type { StyledLine } from '../output/printer.ts';
import type { Tone, View } from '../output/view.ts';
import type { FieldChange } from './changes.ts';
import type { DeclaredJob } from './job-file.ts';

export type StepKind = 'create' | 'update' | 'keep' | 'delete';

/** What becomes of one job. */
export interface Step {
  readonly name: string;
  readonly kind: StepKind;
  readonly changes: readonly FieldChange[];
  /** Absent where the job is to go. */
  readonly declared?: DeclaredJob;
  /** Absent where the job is new. */
  readonly present?: Job;
  readonly etag?: string | undefined;
}

/** What became of one job, or would become of it, as it is printed. */
export interface StepDone {
  readonly name: string;
  readonly action: string;
  readonly changes: readonly FieldChange[];
}

const DONE: Readonly<Record<StepKind, string>> = {
  create: 'created',
  update: 'updated',
  keep: 'unchanged',
  delete: 'deleted',
};

export function doneOf({ name, kind, changes }: Step): StepDone {
  return { name, action: DONE[kind], changes };
}

const TONES: Readonly<Record<string, Tone>> = { created: 'good', updated: 'busy', deleted: 'bad', unchanged: 'quiet' };

export const stepView: View<StepDone> = {
  plural: 'jobs',
  name: ({ name }) => name,
  columns: [
    { title: 'NAME', cell: ({ name }) => name, shrinksTo: 16 },
    { title: 'ACTION', cell: ({ action }) => action, tone: ({ action }) => TONES[action] },
    { title: 'FIELDS', cell: ({ changes }) => changes.map(({ field }) => field).join(', '), shrinksTo: 10, yields: 1 },
  ],
  fieldOrder: [],
  durations: {},
};

/** What would change, as a diff: `+` comes, `-` goes. Jobs that stay as they are, are left out. */
export function diffLines(steps: readonly Step[]): StyledLine[] {
  return steps.filter(({ kind }) => kind !== 'keep').flatMap(linesOf);
}

function linesOf({ name, kind, changes }: Step): StyledLine[] {
  const mark = { create: '+', update: '~', keep: ' ', delete: '-' }[kind];
  const head: StyledLine = { text: `${mark} ${name}`, tone: TONES[DONE[kind]] };
  const body = changes.flatMap(({ field, from, to }): StyledLine[] => [
    ...(from === undefined ? [] : [{ text: `-   ${field}: ${told(field, from)}`, tone: 'bad' as const }]),
    ...(to === undefined ? [] : [{ text: `+   ${field}: ${told(field, to)}`, tone: 'good' as const }]),
  ]);
  return [head, ...body];
}

function told(field: string, value: unknown): string {
  if (typeof value === 'number' && Object.hasOwn(jobView.durations, field)) return formatDuration(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `2 created, 1 unchanged`. */
export function countedKinds(kinds: readonly StepKind[], words: Readonly<Record<StepKind, string>> = DONE): string {
  const all: readonly StepKind[] = ['create', 'update', 'delete', 'keep'];
  const told = all
    .map((kind) => [kind, kinds.filter((other) => other === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${words[kind]}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}
