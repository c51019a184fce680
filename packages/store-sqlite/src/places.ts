import type { RunRecord } from '@simple-scheduler/core';
import type { Occupancy, RunStore } from '@simple-scheduler/engine';
import type { Database, Row } from './database.ts';
import { LIVE, RUN_FIELDS } from './run-rows.ts';

/**
 * The planner knows nothing of how few runs are live, and would rather go through an index of all statuses; so these
 * name the partial index that they are made for.
 */
const WATCHED = `runs INDEXED BY runs_watch WHERE "watchAt" IS NOT NULL AND ${LIVE}`;
const LIVE_OF_JOB = `runs INDEXED BY runs_live WHERE "jobUid" = ? AND ${LIVE}`;
const WAITING_OF_JOB = `runs INDEXED BY runs_waiting WHERE "jobUid" = ? AND waiting = 1 AND ${LIVE}`;

const DUE = `SELECT ${RUN_FIELDS.columns} FROM ${WATCHED} AND "watchAt" <= ? ORDER BY "watchAt" LIMIT ?`;
const NEXT = `SELECT "watchAt" FROM ${WATCHED} ORDER BY "watchAt" LIMIT 1`;
const PLACES = `SELECT slot, waiting FROM ${LIVE_OF_JOB}`;
const OLDEST_WAITING = `SELECT ${RUN_FIELDS.columns} FROM ${WAITING_OF_JOB} ORDER BY id LIMIT 1`;
const OLDEST_LIVE = `SELECT ${RUN_FIELDS.columns} FROM ${LIVE_OF_JOB} ORDER BY id LIMIT ?`;

type PlaceMethods = Pick<RunStore, 'dueRuns' | 'nextWatchAt' | 'occupancy' | 'oldestWaiting' | 'liveRuns'>;

/** What is due to live runs, and which places of their jobs they take. */
export function placeMethods(db: Database): PlaceMethods {
  return {
    async dueRuns(now, limit) {
      return db.all(DUE, now, limit).map(toRun);
    },

    async nextWatchAt() {
      return (db.get(NEXT)?.[0] ?? null) as number | null;
    },

    async occupancy(jobUids) {
      return db.read(() => {
        const found = jobUids.map((uid): [string, Row[]] => [uid, db.all(PLACES, uid)]);
        return new Map(found.filter(([, rows]) => rows.length > 0).map(([uid, rows]) => [uid, occupancyOf(rows)]));
      });
    },

    async oldestWaiting(jobUids) {
      return db.read(() => [...new Set(jobUids)].flatMap((uid) => db.all(OLDEST_WAITING, uid)).map(toRun));
    },

    async liveRuns(jobUid, limit) {
      return db.all(OLDEST_LIVE, jobUid, limit).map(toRun);
    },
  };
}

function toRun(row: Row): RunRecord {
  return RUN_FIELDS.decode(row);
}

function occupancyOf(rows: readonly Row[]): Occupancy {
  return {
    active: rows.filter(([, waiting]) => waiting !== 1).length,
    slots: rows.flatMap(([slot]) => (slot === null ? [] : [slot as string])),
  };
}
