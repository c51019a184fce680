import { isLive } from '@simple-scheduler/contracts/vocabulary';
import type { Run } from '@simple-scheduler/contracts';
import type { Violation } from './history.ts';

interface Sighting {
  readonly at: number;
  readonly text: string;
  readonly run: Run;
}

/**
 * What the API showed of each run while it went on. A list that is read while MongoDB changes its primary may be a
 * little old, so looks are compared with the end rather than with each other: what was once shown as ended must be what
 * there is at the end, and nothing shown may be ahead of it.
 */
export class Sightings {
  /** The last look at each run, and the first that showed it ended. */
  readonly #last = new Map<string, Sighting>();
  readonly #ended = new Map<string, Sighting>();
  looks = 0;
  /** Looks at an ended run after the first. */
  comparisons = 0;
  readonly #violations: Violation[] = [];

  see(run: Run, at: number): void {
    this.looks += 1;
    const sighting = { at, run, text: textOf(run) };
    const ended = this.#ended.get(run.id);
    if (ended !== undefined && !isLive(run.status)) this.#compare(ended, sighting);
    if (ended === undefined && !isLive(run.status)) this.#ended.set(run.id, sighting);
    const last = this.#last.get(run.id);
    if (last === undefined || run.attempt >= last.run.attempt) this.#last.set(run.id, sighting);
  }

  /** Compares all that was seen with what there is at the end. */
  conclude(runs: readonly Run[], at: number): Violation[] {
    const final = new Map(runs.map((run) => [run.id, run]));
    for (const [id, seen] of this.#last) {
      const run = final.get(id);
      if (run === undefined) this.#say('no record vanishes', `${shown(seen)}, and is gone`);
      else this.#progress(seen, run);
    }
    for (const [id, seen] of this.#ended) {
      const run = final.get(id);
      if (run !== undefined) this.#compare(seen, { at, run, text: textOf(run) });
    }
    return this.#violations;
  }

  #compare(before: Sighting, after: Sighting): void {
    this.comparisons += 1;
    if (before.text !== after.text)
      this.#say('ended runs unchanged', `${shown(before)}, then ${shown(after)}: ${before.text} → ${after.text}`);
  }

  #progress(seen: Sighting, run: Run): void {
    if (seen.run.attempt > run.attempt)
      this.#say('attempts never go down', `${shown(seen)} as attempt ${seen.run.attempt}, in the end ${run.attempt}`);
    for (const key of ['jobName', 'trigger', 'scheduledAt', 'createdTime'] as const)
      if (seen.run[key] !== run[key])
        this.#say('identity stays', `${shown(seen)} with ${key} ${seen.run[key]}, now ${run[key]}`);
    if (seen.run.attempt !== run.attempt) return;
    // A worker may answer before its run is marked as published: then what it says and the mark are written at about the
    // same time, and which of the two moments stays as `publishedAt` is settled only when the run is running.
    const settled = seen.run.status === 'pending' ? (['startTime'] as const) : (['publishedAt', 'startTime'] as const);
    for (const key of settled)
      if (seen.run[key] !== undefined && seen.run[key] !== run[key])
        this.#say('times stay', `${shown(seen)} with ${key} ${seen.run[key]}, in the end ${run[key]}`);
  }

  #say(check: string, what: string): void {
    this.#violations.push({ check, what });
  }
}

const shown = ({ run, at }: Sighting): string =>
  `${run.jobName} ${run.id} was shown ${run.status} at ${new Date(at).toISOString()}`;

/** The same text for the same record, whatever the order of its fields. */
function textOf(run: Run): string {
  return JSON.stringify(run, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
