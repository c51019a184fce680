import { RUN_STATUSES, type RunStatus } from '@simple-scheduler/contracts/vocabulary';
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
  where('id < ?', startOf(query));
  where('"createdAt" < ?', query.createdBefore);
  where('"startedAt" < ?', query.startedBefore);
  where('"heartbeatAt" < ?', query.heartbeatBefore);
  const walks = statusesOf(query).map((status) =>
    walk(status === undefined ? conditions : [`status = '${status}'`, ...conditions]),
  );
  const sql = `${walks.join(' UNION ALL ')} ORDER BY id DESC LIMIT ?`;
  return { sql, values: [...walks.flatMap(() => values), limit] };
}

/** Known words only: they go into the SQL. Without a job and statuses the ids themselves are the index. */
function statusesOf(query: RunQuery): readonly (RunStatus | undefined)[] {
  const { statuses } = query;
  if (statuses !== undefined) return RUN_STATUSES.filter((status) => statuses.includes(status));
  return query.jobName === undefined ? [undefined] : RUN_STATUSES;
}

function walk(conditions: readonly string[]): string {
  const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${RUN_FIELDS.columns} FROM runs${condition}`;
}

/** Ids begin with the time of creation, so `createdBefore` is a place in their order. */
function startOf({ after, createdBefore }: RunQuery): string | undefined {
  if (createdBefore === undefined || createdBefore <= 0 || createdBefore >= 2 ** 48) return after;
  const bound = Math.ceil(createdBefore).toString(16).padStart(12, '0');
  return after === undefined || bound < after ? bound : after;
}
