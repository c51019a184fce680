import { type RunRecord, tickKey } from '@simple-scheduler/core';
import type { InsertRunOutcome, RunStore, RunUpdate, TickRange, UpdateRunOutcome } from '@simple-scheduler/engine';
import type { Database } from './database.ts';
import { runListing } from './run-listing.ts';
import { RUN_FIELDS } from './run-rows.ts';

const INSERT = `INSERT INTO runs (${RUN_FIELDS.columns}) VALUES (${RUN_FIELDS.placeholders}) ON CONFLICT DO NOTHING`;
const SELECT_ONE = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE id = ?`;
const SELECT_MANY = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE id IN (SELECT value FROM json_each(?))`;
const LATEST_TICK = `SELECT ${RUN_FIELDS.columns} FROM runs WHERE "tickKey" >= ? AND "tickKey" < ? ORDER BY "tickKey" DESC LIMIT 1`;
const HEARTBEAT = `UPDATE runs SET "heartbeatAt" = ?, progress = coalesce(?, progress), message = coalesce(?, message)
  WHERE id = ? AND attempt = ? AND status = 'running' AND ("heartbeatAt" IS NULL OR "heartbeatAt" < ?)`;
const RUN_PUBLISHED = `UPDATE runs SET owes = NULL,
  "publishedAt" = CASE status WHEN 'pending' THEN ? ELSE "publishedAt" END,
  "watchAt" = CASE status WHEN 'pending' THEN ? ELSE "watchAt" END
  WHERE id = ? AND attempt = ? AND owes = 'run'`;
const CANCEL_PUBLISHED = `UPDATE runs SET owes = NULL WHERE id = ? AND attempt = ? AND owes = 'cancel'`;

type RunMethods = Pick<
  RunStore,
  'insertRuns' | 'getRun' | 'latestTicks' | 'getRuns' | 'listRuns' | 'updateRuns' | 'recordHeartbeats' | 'markPublished'
>;

export function runMethods(db: Database): RunMethods {
  return {
    async insertRuns(runs) {
      return db.write(() => runs.map((run) => inserted(db, run)));
    },

    async getRun(id) {
      const row = db.get(SELECT_ONE, id);
      return row ? RUN_FIELDS.decode(row) : null;
    },

    async latestTicks(ranges) {
      return db.read(() => new Map(ranges.flatMap((range) => latestTick(db, range))));
    },

    async getRuns(ids) {
      return db.all(SELECT_MANY, JSON.stringify(ids)).map((row) => RUN_FIELDS.decode(row));
    },

    async listRuns(query) {
      if (query.statuses?.length === 0) return { runs: [] };
      const { sql, values } = runListing(query, query.limit + 1);
      const runs = db.all(sql, ...values).map((row) => RUN_FIELDS.decode(row));
      const last = runs.length > query.limit ? runs[query.limit - 1] : undefined;
      return last ? { runs: runs.slice(0, query.limit), next: last.id } : { runs };
    },

    async updateRuns(updates) {
      return db.write(() => updates.map((update) => updated(db, update)));
    },

    async recordHeartbeats(beats) {
      db.write(() => {
        for (const { id, attempt, at, progress, message } of beats) {
          db.run(HEARTBEAT, at, progress ?? null, RUN_FIELDS.valueOf('message', message), id, attempt, at);
        }
      });
    },

    async markPublished(published) {
      db.write(() => {
        for (const { id, attempt, action, at, watchAt } of published) {
          if (action === 'run') db.run(RUN_PUBLISHED, at, watchAt ?? null, id, attempt);
          else db.run(CANCEL_PUBLISHED, id, attempt);
        }
      });
    },
  };
}

/** Empty, or the job uid with its run. */
function latestTick(db: Database, { jobUid, epoch, from, before }: TickRange): [string, RunRecord][] {
  const job = { uid: jobUid, epoch };
  // The keys of an epoch share what stands before their last colon; a semicolon is the character after it.
  const end = before === undefined ? `${jobUid}:${epoch};` : tickKey(job, before);
  const row = db.get(LATEST_TICK, tickKey(job, from), end);
  return row ? [[jobUid, RUN_FIELDS.decode(row)]] : [];
}

/** Three unique keys can refuse a run; the slot is to blame only where the run itself is not there already. */
function inserted(db: Database, run: RunRecord): InsertRunOutcome {
  if (db.run(INSERT, ...RUN_FIELDS.encode(run)) === 1) return 'created';
  const known =
    db.get('SELECT 1 FROM runs WHERE id = ?', run.id) ??
    db.get('SELECT 1 FROM runs WHERE "tickKey" = ?', run.tickKey ?? null);
  return known ? 'exists' : 'slot_taken';
}

/** The slot is the only unique key that a change can touch, so a row that is left alone on its rev has lost its slot. */
function updated(db: Database, { id, rev, change }: RunUpdate): UpdateRunOutcome {
  const set = Object.entries(change.set).filter(([, value]) => value !== undefined);
  const columns = [
    'rev = rev + 1',
    ...set.map(([field]) => `"${field}" = ?`),
    ...change.unset.map((field) => `"${field}" = NULL`),
  ];
  const values = set.map(([field, value]) => RUN_FIELDS.valueOf(field, value));
  for (const field of change.unset) RUN_FIELDS.valueOf(field, undefined);
  if (db.run(`UPDATE OR IGNORE runs SET ${columns.join(', ')} WHERE id = ? AND rev = ?`, ...values, id, rev) === 1)
    return 'updated';
  return db.get('SELECT 1 FROM runs WHERE id = ? AND rev = ?', id, rev) ? 'slot_taken' : 'conflict';
}
