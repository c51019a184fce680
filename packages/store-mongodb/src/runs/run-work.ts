import type { RunStore } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import { packId, unpackId } from '../documents/packed-id.ts';
import { decodeRun, readRun, type RunDocument } from '../documents/run-document.ts';
import { text } from '../documents/values.ts';
import { RUN_INDEX } from '../index-names.ts';

/** What is due to live runs, and how many there are of each job. */
export function runWork({
  connection,
  runs,
}: Database): Pick<RunStore, 'dueRuns' | 'nextWatchAt' | 'occupancy' | 'oldestWaiting' | 'liveRuns'> {
  const { limits, limitsOfRaw } = connection;
  const live = RUN_INDEX.live;
  return {
    dueRuns: (now, limit) =>
      connection.call(async () => {
        if (limit <= 0) return [];
        const found = runs.find(
          { watchAt: { $lte: new Date(now) }, phase: 'live' },
          { ...limitsOfRaw, ...inOneBatch(limit), hint: RUN_INDEX.watchAt, sort: { watchAt: 1 } },
        );
        return (await found.toArray()).map(readRun);
      }),

    nextWatchAt: () =>
      connection.call(async () => {
        const soonest = await runs.findOne(
          { watchAt: { $exists: true }, phase: 'live' },
          { ...limits, hint: RUN_INDEX.watchAt, sort: { watchAt: 1 }, projection: { watchAt: 1 } },
        );
        return soonest === null ? null : (soonest['watchAt'] as Date).getTime();
      }),

    occupancy: (jobUids) =>
      connection.call(async () => {
        const pipeline = [
          { $match: liveOf(jobUids) },
          {
            $group: {
              _id: '$jobUid',
              active: { $sum: { $cond: [{ $eq: ['$waiting', true] }, 0, 1] } },
              slots: { $push: '$slot' },
            },
          },
        ];
        const found = await runs
          .aggregate<{ _id: RunDocument['_id']; active: number; slots: unknown[] }>(pipeline, { ...limits, hint: live })
          .toArray();
        return new Map(
          found.map(({ _id, active, slots }) => [
            unpackId(_id),
            { active, slots: slots.map((slot) => text.decode(slot)) },
          ]),
        );
      }),

    oldestWaiting: (jobUids) =>
      connection.call(async () => {
        const pipeline = [
          { $match: { ...liveOf(jobUids), waiting: true } },
          { $sort: { jobUid: 1, _id: 1 } },
          { $group: { _id: '$jobUid', run: { $first: '$$ROOT' } } },
        ];
        const found = runs.aggregate<{ run: RunDocument }>(pipeline, { ...limits, hint: RUN_INDEX.waiting });
        return (await found.toArray()).map(({ run }) => decodeRun(run));
      }),

    liveRuns: (jobUid, limit) =>
      connection.call(async () => {
        if (limit <= 0) return [];
        const found = runs.find(
          { jobUid: packId(jobUid), phase: 'live' },
          { ...limitsOfRaw, ...inOneBatch(limit), hint: live, sort: { _id: 1 } },
        );
        return (await found.toArray()).map(readRun);
      }),
  };
}

function liveOf(jobUids: readonly string[]): Document {
  return { jobUid: { $in: jobUids.map(packId) }, phase: 'live' };
}
