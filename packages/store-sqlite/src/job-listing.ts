import type { JobQuery } from '@simple-scheduler/engine';
import type { Value } from './database.ts';
import { JOB_FIELDS, labelOf } from './job-rows.ts';

/** Greater than every name that starts with a prefix, when it follows that prefix. */
const LAST_CHARACTER = '\u{10ffff}';

/**
 * The SQL of a listing: ordered by name, up to `limit` rows. Names compare by their UTF-8 bytes, which for the ASCII
 * that names are made of is the order of the code units.
 */
export function jobListing(query: JobQuery, limit: number): { sql: string; values: Value[] } {
  const conditions: string[] = [];
  const values: Value[] = [];
  const where = (condition: string, value: Value): void => {
    conditions.push(condition);
    values.push(value);
  };
  const labels = Object.entries(query.meta ?? {}).map(labelOf);
  const [first, ...others] = labels;
  const name = first === undefined ? 'jobs.name' : 'labels.name';
  // Jobs of one label come ordered by name from the index of labels; the other labels are looked up one by one.
  if (first !== undefined) where('labels.label = ?', first);
  const { after, namePrefix } = query;
  if (after !== undefined && (namePrefix === undefined || after >= namePrefix)) where(`${name} > ?`, after);
  else where(`${name} >= ?`, namePrefix ?? '');
  if (namePrefix !== undefined) where(`${name} < ?`, `${namePrefix}${LAST_CHARACTER}`);
  if (query.name !== undefined) where(`${name} = ?`, query.name);
  if (query.enabled !== undefined) where('jobs.enabled = ?', Number(query.enabled));
  if (others.length > 0) where(HAS_ALL, JSON.stringify(others));
  const from = first === undefined ? 'jobs' : 'labels CROSS JOIN jobs ON jobs.name = labels.name';
  const sql = `SELECT ${COLUMNS} FROM ${from} WHERE ${conditions.join(' AND ')} ORDER BY ${name} LIMIT ?`;
  return { sql, values: [...values, limit] };
}

const COLUMNS = JOB_FIELDS.columns.replace('"name"', 'jobs.name');

const HAS_ALL = `NOT EXISTS (SELECT 1 FROM json_each(?) AS wanted
  WHERE NOT EXISTS (SELECT 1 FROM labels AS other WHERE other.label = wanted.value AND other.name = labels.name))`;
