import { type RunRecord, tickKey } from '@simple-scheduler/core';
import type { RunStore, TickRange } from '@simple-scheduler/engine';
import type { Document } from 'mongodb';
import { type Database, inOneBatch } from '../database.ts';
import { packId } from '../documents/packed-id.ts';
import { decodeRun, readRun, type RunDocument } from '../documents/run-document.ts';
import { planRunQuery } from './run-filter.ts';

type Reads = 'getRun' | 'getRuns' | 'latestTicks' | 'listRuns';

export function runReads({ connection, runs }: Database): Pick<RunStore, Reads> {
  const { limits, limitsOfRaw } = connection;
  return {
    getRun: (id) =>
      connection.call(async () => {
        const found = await runs.findOne({ _id: packId(id) }, limitsOfRaw);
        return found === null ? null : readRun(found);
      }),

    getRuns: (ids) =>
      connection.call(async () => {
        if (ids.length === 0) return [];
        const found = runs.find({ _id: { $in: ids.map(packId) } }, { ...limitsOfRaw, ...inOneBatch(ids.length) });
        return (await found.toArray()).map(readRun);
      }),

    latestTicks: (ranges) =>
      connection.call(async () => {
        const latest = new Map<string, RunRecord>();
        for (let start = 0; start < ranges.length; start += RANGES_AT_ONCE) {
          const pipeline = latestTicksPipeline(ranges.slice(start, start + RANGES_AT_ONCE));
          const found = await runs.aggregate<RunDocument>(pipeline, limits).toArray();
          for (const run of found.map(decodeRun)) latest.set(run.jobUid, run);
        }
        return latest;
      }),

    listRuns: (query) =>
      connection.call(async () => {
        if (query.limit <= 0 || query.statuses?.length === 0 || query.jobName?.isWellFormed() === false)
          return { runs: [] };
        const { filter, hint } = planRunQuery(query);
        const found = await runs
          .find(filter, { ...limitsOfRaw, ...inOneBatch(query.limit + 1), hint, sort: { _id: -1 } })
          .toArray();
        const page = found.slice(0, query.limit).map(readRun);
        const last = page.at(-1);
        return { runs: page, ...(found.length > page.length && last ? { next: last.id } : {}) };
      }),
  };
}

/** Of one command. Each range is a read of one key; a pipeline may not have more than some hundred stages. */
const RANGES_AT_ONCE = 100;

function latestTicksPipeline(ranges: readonly TickRange[]): Document[] {
  const [first, ...rest] = ranges.map(latestTickStages);
  return [...(first ?? []), ...rest.map((pipeline) => ({ $unionWith: { coll: 'runs', pipeline } }))];
}

function latestTickStages({ jobUid, epoch, from, before }: TickRange): Document[] {
  const job = { uid: jobUid, epoch };
  // All keys of the epoch begin like this and go on with digits.
  const beyond = before === undefined ? `${jobUid}:${epoch}:~` : tickKey(job, before);
  return [
    { $match: { tickKey: { $gte: tickKey(job, from), $lt: beyond } } },
    { $sort: { tickKey: -1 } },
    { $limit: 1 },
  ];
}
