import type { RunStore, TickQuery } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { readRun, type RunDocument } from '../documents/run-document.ts';
import { text } from '../documents/values.ts';
import { RUN_INDEX } from '../index-names.ts';

const HINT = RUN_INDEX.jobUidScheduledAt;
const TICK: Document = { trigger: { $in: ['schedule', 'misfire'] } };

/** The past of jobs, in the order of their ticks. */
export function runHistory({ connection, runs }: Database): Pick<RunStore, 'listTicks' | 'listJobsOfRuns'> {
  const { limits, limitsOfRaw } = connection;
  return {
    listTicks: (query) =>
      connection.call(async () => {
        const { jobUid, from, limit, after } = query;
        if (limit <= 0) return [];
        const [ticks, before] = await Promise.all([
          runs
            .find(within(query), { ...limitsOfRaw, ...inOneBatch(limit), hint: HINT, sort: { scheduledAt: 1, _id: 1 } })
            .toArray(),
          after === undefined
            ? runs.findOne(
                { jobUid: packId(jobUid), ...TICK, scheduledAt: { $lt: new Date(from) } },
                { ...limitsOfRaw, hint: HINT, sort: { scheduledAt: -1, _id: -1 } },
              )
            : null,
        ]);
        const found = ticks.map(readRun);
        const row = before === null ? undefined : readRun(before);
        return row?.spanTo === undefined || row.spanTo < from ? found : [row, ...found].slice(0, limit);
      }),

    // One look at the index for each job, however many runs it has: no command of the server skips so in its middle.
    listJobsOfRuns: ({ after, limit }) =>
      connection.call(async (call) => {
        const jobs: { jobUid: string; jobName: string }[] = [];
        for (let last = after === undefined ? undefined : packId(after); jobs.length < limit && !call.isLate(); ) {
          const next: RunDocument | null = await runs.findOne(last === undefined ? {} : { jobUid: { $gt: last } }, {
            ...limits,
            hint: HINT,
            sort: { jobUid: 1, scheduledAt: 1, _id: 1 },
            projection: { jobUid: 1, jobName: 1 },
          });
          if (next === null) break;
          last = next['jobUid'] as RunDocument['_id'];
          jobs.push({ jobUid: unpackId(last), jobName: text.decode(next['jobName']) });
        }
        return jobs;
      }),
  };
}

function within({ jobUid, from, to, after }: TickQuery): Document {
  const least = new Date(Math.max(from, after?.at ?? from));
  const ofJob = { jobUid: packId(jobUid), ...TICK, scheduledAt: { $gte: least, $lte: new Date(to) } };
  // Each id is past the empty text, but comparisons hold that only against other texts.
  if (after === undefined || after.id === '') return ofJob;
  const at = new Date(after.at);
  return { ...ofJob, $or: [{ scheduledAt: { $gt: at } }, { scheduledAt: at, _id: { $gt: packId(after.id) } }] };
}
