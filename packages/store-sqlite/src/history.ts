import { tickKey } from '@simple-scheduler/core';
import type { RunPruning, RunStore } from '@simple-scheduler/engine';
import type { Database, Value } from './database.ts';
import { LIVE, RUN_FIELDS } from './run-rows.ts';

/** The planner would rather go through an index of statuses, and sort. */
const OF_JOB = `runs INDEXED BY runs_time WHERE "jobUid" = ?`;
const OLDEST_FIRST = `ORDER BY "scheduledAt", id LIMIT ?`;
const NEWEST_FIRST = `ORDER BY "scheduledAt" DESC, id DESC LIMIT 1`;

const TICK = `"trigger" IN ('schedule', 'misfire')`;
const TICKS = `SELECT ${RUN_FIELDS.columns} FROM ${OF_JOB} AND ${TICK} AND "scheduledAt" BETWEEN ? AND ?`;
const TICKS_AFTER = `${TICKS} AND ("scheduledAt", id) > (?, ?) ${OLDEST_FIRST}`;
const TICK_BEFORE = `SELECT ${RUN_FIELDS.columns} FROM ${OF_JOB} AND ${TICK} AND "scheduledAt" < ? ${NEWEST_FIRST}`;

const BEYOND = `SELECT "scheduledAt", id FROM ${OF_JOB} ${NEWEST_FIRST} OFFSET ?`;
const OLD = `SELECT 1 FROM ${OF_JOB} AND "scheduledAt" < ? LIMIT 1`;
const NEWEST = `SELECT id FROM ${OF_JOB} ${NEWEST_FIRST}`;
const NEWEST_THAT_RAN = `SELECT id FROM ${OF_JOB} AND status <> 'skipped' ${NEWEST_FIRST}`;
const PRUNABLE = `SELECT id, coalesce(json_extract(rest, '$.spanTo'), "scheduledAt") FROM ${OF_JOB}
  AND "scheduledAt" <= ? AND NOT (${LIVE}) AND "endedAt" < ? AND (("scheduledAt", id) <= (?, ?) OR "endedAt" < ?)
  AND id NOT IN (?, ?) AND NOT ("tickKey" IS NOT NULL AND "tickKey" >= ? AND "tickKey" < ?) ${OLDEST_FIRST}`;
const NOTE = `UPDATE jobs SET "prunedTo" = max(coalesce("prunedTo", 0), ?) WHERE name = ? AND uid = ?`;
const REMOVE = `DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?)) AND NOT (${LIVE})`;
const NEXT_JOB = `SELECT "jobUid", "jobName" FROM runs INDEXED BY runs_time WHERE "jobUid" > ? ORDER BY "jobUid" LIMIT 1`;

/** The past of jobs: their ticks in order, and what retention takes of them. */
export function historyMethods(db: Database): Pick<RunStore, 'listTicks' | 'pruneRuns' | 'listJobsOfRuns'> {
  return {
    async listTicks({ jobUid, from, to, after, limit }) {
      return db.read(() => {
        const place = after === undefined ? [from, ''] : [after.at, after.id];
        const rows = db.all(TICKS_AFTER, jobUid, from, to, ...place, limit);
        const ticks = rows.map((row) => RUN_FIELDS.decode(row));
        const row = after === undefined ? db.get(TICK_BEFORE, jobUid, from) : undefined;
        const before = row && RUN_FIELDS.decode(row);
        return before?.spanTo === undefined || before.spanTo < from ? ticks : [before, ...ticks].slice(0, limit);
      });
    },

    async pruneRuns(prunings, limit) {
      const chosen = db.read(() => {
        const all: Prunable[] = [];
        for (const pruning of prunings) {
          if (all.length >= limit) break;
          all.push(...prunable(db, pruning, limit - all.length));
        }
        return all;
      });
      if (chosen.length === 0) return 0;
      db.write(() => {
        for (const [{ jobName, jobUid }, of] of Map.groupBy(chosen, ({ pruning }) => pruning))
          db.run(NOTE, Math.max(...of.map(({ until }) => until)), jobName, jobUid);
        // Ended runs stay ended, so what was chosen may go.
        db.run(REMOVE, JSON.stringify(chosen.map(({ id }) => id)));
      });
      return chosen.length;
    },

    async listJobsOfRuns({ after = '', limit }) {
      return db.read(() => {
        const jobs: { jobUid: string; jobName: string }[] = [];
        for (let last = after; jobs.length < limit; ) {
          const row = db.get(NEXT_JOB, last);
          if (row === undefined) break;
          const [jobUid, jobName] = row as [string, string];
          jobs.push({ jobUid, jobName });
          last = jobUid;
        }
        return jobs;
      });
    },
  };
}

interface Prunable {
  readonly id: string;
  /** The last tick that it stands for. */
  readonly until: number;
  readonly pruning: RunPruning;
}

/** A job with nothing to remove costs two or three looks at the index. */
function prunable(db: Database, pruning: RunPruning, limit: number): Prunable[] {
  const { jobUid, keep, olderThan, endedBefore, keepLast, unsettled } = pruning;
  const beyond = keep === undefined ? undefined : db.get(BEYOND, jobUid, keep);
  const old = olderThan === undefined ? undefined : db.get(OLD, jobUid, olderThan);
  if (beyond === undefined && old === undefined) return [];
  const kept = keepLast ? [NEWEST, NEWEST_THAT_RAN].map((sql) => db.get(sql, jobUid)?.[0] ?? '') : ['', ''];
  const [beyondAt, beyondId] = (beyond ?? [-1, '']) as [number, string];
  const rows = db.all(
    PRUNABLE,
    jobUid,
    Math.max(beyondAt, olderThan ?? -1),
    endedBefore,
    beyondAt,
    beyondId,
    olderThan ?? -1,
    ...(kept as Value[]),
    ...unsettledKeys(jobUid, unsettled),
    limit,
  );
  return rows.map(([id, until]) => ({ id: id as string, until: until as number, pruning }));
}

/** Where the keys of these ticks begin and end; nowhere when there are none. */
function unsettledKeys(jobUid: string, unsettled: RunPruning['unsettled']): [string, string] {
  if (unsettled === undefined) return ['', ''];
  const { epoch, from } = unsettled;
  return [tickKey({ uid: jobUid, epoch }, from), `${jobUid}:${epoch};`];
}
