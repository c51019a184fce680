import { RUN_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import type { RunQuery } from '@simple-scheduler/engine';
import type { Value } from './database.ts';
import { RUN_FIELDS } from './run-rows.ts';

/**
 * The SQL of a listing, newest first, up to `limit` rows. Each status is a walk down one index, and SQLite merges the
 * walks, so that a page costs its rows and not the runs there are. Only the filters on start and heartbeat are looked
 * at run by run.
 */
export function runListing(query: RunQuery, limit: number): { sql: string; values: Value[] } {
  const conditions: string[] = [];
  const values: Value[] = [];
  const where = (condition: string, value: Value | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where('"jobName" = ?', query.jobName);
  where('id < ?', upperBound(query));
  where('id >= ?', lowerBound(query));
  where('"createdAt" < ?', query.createdBefore);
  where('"createdAt" >= ?', query.createdAfter);
  where('"startedAt" < ?', query.startedBefore);
  where('"heartbeatAt" < ?', query.heartbeatBefore);
  const walks = statusConditions(query).map(
    (condition) => `SELECT ${RUN_FIELDS.columns} FROM runs WHERE ${[...condition, ...conditions].join(' AND ')}`,
  );
  return {
    sql: `${walks.join(' UNION ALL ')} ORDER BY id DESC LIMIT ?`,
    values: [...walks.flatMap(() => values), limit],
  };
}

/** One condition per walk. Only known words go into the SQL; without a job and statuses the ids are the index. */
function statusConditions({ statuses, jobName }: RunQuery): readonly string[][] {
  if (statuses === undefined && jobName === undefined) return [[]];
  const wanted = RUN_STATUSES.filter((status) => statuses === undefined || statuses.includes(status));
  return wanted.map((status) => [`status = '${status}'`]);
}

/** Ids begin with the time of creation, so `createdBefore` is a place in their order. */
function upperBound({ after = PAST_ALL_IDS, createdBefore }: RunQuery): string {
  const created = placeOf(createdBefore);
  return created !== undefined && created < after ? created : after;
}

function lowerBound({ createdAfter }: RunQuery): string | undefined {
  return placeOf(createdAfter);
}

/** What ids of this time begin with; undefined: a time that no id has. */
function placeOf(at: number | undefined): string | undefined {
  if (at === undefined || at <= 0 || at >= 2 ** 48) return undefined;
  return Math.ceil(at).toString(16).padStart(12, '0');
}

/** Ids are hexadecimal. */
const PAST_ALL_IDS = 'g';
