import { jobCreateSchema, NAME_PATTERN } from '@simple-scheduler/contracts';
import type { JobCreate } from '@simple-scheduler/contracts';
import type { Document, LineCounter } from 'yaml';
import { jobView } from '../output/job-view.ts';
import { parseDuration } from '../values/duration.ts';
import { positionsIn } from './positions.ts';
import type { Positions } from './positions.ts';

/** A job as a file declares it. */
export interface DeclaredJob {
  readonly job: JobCreate;
  /** Where a field of it stands, for messages: `jobs.yaml:12`. */
  at(path: readonly PropertyKey[]): string;
}

export interface JobFile {
  /** Name of the set that the jobs make up, where the file names one. */
  readonly set?: string;
  readonly jobs: readonly DeclaredJob[];
  /** Everything that is wrong, each with file and line; with any, nothing else is to be used. */
  readonly faults: readonly string[];
}

/** Reads YAML or JSON: documents that each hold a list of jobs, `jobs:` (and `set:`) with one, or one job. */
export async function readJobFile(name: string, text: string): Promise<JobFile> {
  const { LineCounter: Counter, parseAllDocuments } = await import('yaml');
  const lines = new Counter();
  const reading = new Reading(name, lines);
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ''), { lineCounter: lines, merge: true });
  for (const document of Array.isArray(documents) ? documents : []) reading.document(document);
  return reading.result();
}

class Reading {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #jobs = new Map<string, DeclaredJob>();
  readonly #faults: { readonly line: number; readonly text: string }[] = [];
  #set: string | undefined;
  #isEmpty = true;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  document(document: Document): void {
    for (const { pos, message } of [...document.errors, ...document.warnings]) {
      this.#fault(this.#lines.linePos(pos[0]).line, firstSentence(message));
    }
    if (document.errors.length > 0) return;
    const positions = positionsIn(document, this.#lines);
    const value = this.#valueOf(document);
    if (value === undefined || value === null) return;
    this.#isEmpty = false;
    if (Array.isArray(value)) this.#list(value, [], positions);
    else if (isObject(value) && 'jobs' in value) this.#sheet(value, positions);
    else if (isObject(value) && 'name' in value) this.#job(value, [], positions);
    else this.#fault(positions.lineOf([]), 'give a list of jobs, `jobs:` with such a list, or a job with its name');
  }

  /** An empty file is a mishap more often than the wish to have no jobs. */
  result(): JobFile {
    if (this.#isEmpty && this.#faults.length === 0) this.#fault(1, 'nothing is declared; write `jobs: []` for no jobs');
    const faults = this.#faults
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, text }) => `${this.#file}:${line}: ${text}`);
    return { ...(this.#set === undefined ? {} : { set: this.#set }), jobs: [...this.#jobs.values()], faults };
  }

  /** Aliases may be endless, or stand for nothing. */
  #valueOf(document: Document): unknown {
    try {
      return document.toJS() as unknown;
    } catch (error) {
      this.#fault(1, firstSentence((error as Error).message));
      return undefined;
    }
  }

  #sheet(sheet: Record<string, unknown>, positions: Positions): void {
    const { jobs, set, ...others } = sheet;
    for (const key of Object.keys(others))
      this.#fault(positions.lineOf([key]), `${key} is unknown here; there are jobs and set`);
    if (set !== undefined) this.#nameSet(set, positions);
    if (Array.isArray(jobs)) this.#list(jobs, ['jobs'], positions);
    else if (jobs !== null) this.#fault(positions.lineOf(['jobs']), 'jobs must be a list of jobs');
  }

  #nameSet(set: unknown, positions: Positions): void {
    const line = positions.lineOf(['set']);
    if (typeof set !== 'string' || !NAME_PATTERN.test(set)) this.#fault(line, 'set must be a name, as those of jobs');
    else if (this.#set !== undefined && this.#set !== set) this.#fault(line, `the set is named ${this.#set} before`);
    else this.#set = set;
  }

  #list(jobs: readonly unknown[], path: readonly PropertyKey[], positions: Positions): void {
    jobs.forEach((job, index) => this.#job(job, [...path, index], positions));
  }

  #job(value: unknown, path: readonly PropertyKey[], positions: Positions): void {
    const lineOf = (field: readonly PropertyKey[]): number => positions.lineOf([...path, ...field]);
    if (!isObject(value)) return this.#fault(lineOf([]), 'a job must be a mapping of fields to values');
    const result = jobCreateSchema.safeParse(withMilliseconds(value));
    if (!result.success) {
      const who = typeof value['name'] === 'string' ? `${value['name']}: ` : '';
      for (const issue of result.error.issues) {
        const field = issue.path.map(String).join('.') || 'the job';
        this.#fault(
          lineOf(issue.path),
          `${who}${field}${/^(must|is) /.test(issue.message) ? '' : ':'} ${issue.message}`,
        );
      }
      return;
    }
    const at = (field: readonly PropertyKey[]): string => `${this.#file}:${lineOf(field)}`;
    const twin = this.#jobs.get(result.data.name);
    if (twin === undefined) this.#jobs.set(result.data.name, { job: result.data, at });
    else this.#fault(lineOf(['name']), `${result.data.name} is declared before, at ${twin.at(['name'])}`);
  }

  #fault(line: number, text: string): void {
    this.#faults.push({ line, text });
  }
}

/** Durations may be written as on the command line: `5m`. */
function withMilliseconds(job: Record<string, unknown>): Record<string, unknown> {
  const written = Object.entries(job).map(([field, value]) => {
    const isText = typeof value === 'string' && Object.hasOwn(jobView.durations, field);
    return [field, isText ? (parseDuration(value) ?? value) : value];
  });
  return Object.fromEntries(written) as Record<string, unknown>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parser shows the place in the text below its message, which the line number does as well. */
function firstSentence(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}
