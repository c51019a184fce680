import type { EventName } from '@simple-scheduler/contracts';
import { type ApiContext, type Change, getJobs } from '@simple-scheduler/engine';
import { jobView } from '../views/job-view.ts';
import { runView } from '../views/run-view.ts';

/** One event as it is sent, with what filters look at. */
export interface Frame {
  readonly cursor: string;
  readonly kind: Change['kind'];
  /** Undefined: a run that is gone, of which nobody knows any more whose it was. */
  readonly jobName: string | undefined;
  readonly text: string;
}

/** An event in the form of the HTML standard. JSON has no line breaks, so its data is one line. */
export function eventText(name: EventName, data: object, id?: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** Records that are read at a time: each may have a payload and an output of 64 KiB. */
const RECORDS_MAX = 100;

/**
 * The events of a batch of changes, part by part: one for each record, at the place of its last change, showing it as it
 * is now. What it shows may be newer than that change; then the newer one comes as an event, too.
 */
export async function* framesOf(context: ApiContext, changes: readonly Change[]): AsyncGenerator<Frame[], void> {
  const last = lastOfEach(changes);
  for (let start = 0; start < last.length; start += RECORDS_MAX)
    yield await readFrames(context, last.slice(start, start + RECORDS_MAX));
}

async function readFrames(context: ApiContext, changes: readonly Change[]): Promise<Frame[]> {
  const present = (kind: Change['kind']): string[] =>
    changes.filter((one) => one.kind === kind && !one.deleted).map(({ id }) => id);
  const [jobNames, runIds] = [present('job'), present('run')];
  const [jobs, runs] = await Promise.all([
    jobNames.length === 0 ? [] : getJobs(context, jobNames),
    runIds.length === 0 ? [] : context.store.getRuns(runIds),
  ]);
  const jobsByName = new Map(jobs.map((seen) => [seen.job.name, seen]));
  const runsById = new Map(runs.map((run) => [run.id, run]));
  return changes.flatMap(({ cursor, kind, id, deleted }): Frame[] => {
    if (kind === 'job') {
      if (deleted) return [{ cursor, kind, jobName: id, text: eventText('job.deleted', { name: id }, cursor) }];
      const job = jobsByName.get(id);
      return job ? [{ cursor, kind, jobName: id, text: eventText('job.changed', jobView(job), cursor) }] : [];
    }
    if (deleted) return [{ cursor, kind, jobName: undefined, text: eventText('run.deleted', { id }, cursor) }];
    const run = runsById.get(id);
    // What is gone meanwhile is told with its deletion, which comes later.
    return run ? [{ cursor, kind, jobName: run.jobName, text: eventText('run.changed', runView(run), cursor) }] : [];
  });
}

/** A record that changed more than once keeps its last place: whoever goes on from before it gets it again. */
function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.kind} ${change.id}`;
    last.delete(key);
    last.set(key, change);
  }
  return [...last.values()];
}
