import type { RunPruning } from '@simple-scheduler/engine';
import type { Database } from '../database.ts';
import { packId } from '../documents/packed-id.ts';
import { text, time } from '../documents/values.ts';
import { ENDED, firstLooks, type Look, look, newestThatRan, oldestThatMayGo } from './prune-looks.ts';

/** Of one command, each with up to three looks at the index; a pipeline may not have more than some hundred stages. */
const JOBS_AT_ONCE = 50;

/**
 * A page of jobs at a time: one command tells which of them have something to remove, so that those that have not cost no
 * more; the others are looked at together too, and their records go in one command. What one round takes is spread over
 * the jobs, so that a long past of one of them does not keep the others waiting.
 */
export async function pruneRuns(
  database: Database,
  prunings: readonly RunPruning[],
  { limit, isLate }: { limit: number; isLate: () => boolean },
): Promise<number> {
  let found = 0;
  for (let start = 0; start < prunings.length && found < limit; start += JOBS_AT_ONCE) {
    let open = await withSomethingToRemove(database, prunings.slice(start, start + JOBS_AT_ONCE));
    while (open.length > 0 && found < limit && !isLate()) {
      const left = limit - found;
      const share = Math.ceil(left / open.length);
      const chosen = (await choose(database, open, share)).slice(0, left);
      await remove(database, chosen);
      found += chosen.length;
      const taken = Map.groupBy(chosen, ({ job }) => job);
      open = open.filter((job) => (taken.get(job)?.length ?? 0) >= share);
    }
  }
  return found;
}

interface DueJob {
  readonly pruning: RunPruning;
  /** The newest record that is one too many. */
  readonly beyond: Look | undefined;
  /** Ids of what stays in any case. */
  readonly kept: ReadonlySet<string>;
}

async function withSomethingToRemove(database: Database, prunings: readonly RunPruning[]): Promise<DueJob[]> {
  const seen = Map.groupBy(await look(database, prunings.flatMap(firstLooks)), ({ of }) => of);
  const due = prunings.flatMap((pruning, of) => {
    const newest = seen.get(of)?.find(({ found }) => found === 'newest');
    const beyond = seen.get(of)?.find(({ found }) => found === 'beyond');
    // A job that rests for long keeps one old record: that alone is nothing to do.
    const old = seen.get(of)?.some(({ found, _id }) => found === 'old' && String(_id) !== String(newest?._id));
    return beyond !== undefined || old ? [{ pruning, beyond, newest }] : [];
  });
  const ran = await look(
    database,
    due.flatMap(({ pruning }, of) => newestThatRan(pruning, of)),
  );
  return due.map(({ pruning, beyond, newest }, of) => {
    const kept = [newest, ran.find((one) => one.of === of)].flatMap((one) =>
      one === undefined ? [] : [String(one._id)],
    );
    return { pruning, beyond, kept: new Set(kept) };
  });
}

/** Up to `share` records of each job that may go, oldest first. */
async function choose(
  database: Database,
  jobs: readonly DueJob[],
  share: number,
): Promise<(Look & { readonly job: DueJob })[]> {
  const looks = jobs.map((job, of) => oldestThatMayGo(job, of, share + job.kept.size));
  const seen = Map.groupBy(await look(database, looks), ({ of }) => of);
  return jobs.flatMap((job, of) =>
    (seen.get(of) ?? [])
      .filter(({ _id }) => !job.kept.has(String(_id)))
      .slice(0, share)
      .map((one) => ({ ...one, job })),
  );
}

/** Notes in the jobs how far their records may be gone, then lets them go. */
async function remove(
  { connection, jobs, runs }: Database,
  chosen: readonly (Look & { readonly job: DueJob })[],
): Promise<void> {
  if (chosen.length === 0) return;
  const { limits } = connection;
  const notes = [...Map.groupBy(chosen, ({ job }) => job.pruning)].map(([{ jobUid, jobName }, of]) => {
    const prunedTo = new Date(Math.max(...of.map(({ spanTo, scheduledAt }) => time.decode(spanTo ?? scheduledAt))));
    const filter = { _id: packId(jobUid), name: text.encode(jobName) };
    return { updateOne: { filter, update: { $max: { prunedTo } } } };
  });
  await jobs.bulkWrite(notes, { ...limits, ordered: false });
  // Ended runs stay ended, so what was chosen may go.
  const filter = { _id: { $in: chosen.map(({ _id }) => _id) }, ...ENDED };
  await runs.deleteMany(filter, { ...limits, hint: '_id_' });
}
