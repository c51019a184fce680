import type { RunRecord } from '@simple-scheduler/core';
import type { Occupancy, RunStore } from '@simple-scheduler/engine';
import type { Database, Row } from './database.ts';
import { LIVE, RUN_FIELDS } from './run-rows.ts';

const DUE = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE "watchAt" <= ? AND "watchAt" IS NOT NULL AND ${LIVE} ORDER BY "watchAt" LIMIT ?`;
const NEXT = `SELECT "watchAt" FROM runs WHERE "watchAt" IS NOT NULL AND ${LIVE} ORDER BY "watchAt" LIMIT 1`;
const PLACES = `SELECT slot, waiting FROM runs WHERE "jobUid" = ? AND ${LIVE}`;
const OLDEST_WAITING = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE "jobUid" = ? AND waiting = 1 AND ${LIVE} ORDER BY id LIMIT 1`;
const LIVE_OF_JOB = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE "jobUid" = ? AND ${LIVE} ORDER BY id LIMIT ?`;

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
      return db.all(LIVE_OF_JOB, jobUid, limit).map(toRun);
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
