import { setTimeout as delay } from 'node:timers/promises';
import type { Change, ChangeBatch, ChangeFeed } from '@simple-scheduler/engine';
import type { Database, Row } from './database.ts';

/** How often a follower looks; that is one step in an index, and other processes write here too. */
const POLL_MS = 50;
const CHANGES_MAX = 1_000;

const NEWEST = 'SELECT seq, mark FROM changes ORDER BY seq DESC LIMIT 1';
const MARK = 'SELECT mark FROM changes WHERE seq = ?';
const AFTER = 'SELECT seq, mark, kind, id, deleted FROM changes WHERE seq > ? ORDER BY seq LIMIT ?';

interface Place {
  readonly seq: number;
  readonly cursor: string;
}

/** Changes by the table that triggers write: see the migration. */
export function changeFeed(db: Database): ChangeFeed {
  return { follow: (after, signal) => follow(db, after, signal) };
}

async function* follow(
  db: Database,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch, void> {
  if (signal.aborted) return;
  const known = after === undefined ? undefined : find(db, after);
  let place = known ?? newest(db);
  yield { changes: [], cursor: place.cursor, ...(after !== undefined && known === undefined ? { lost: true } : {}) };
  while (!signal.aborted) {
    const rows = db.all(AFTER, place.seq, CHANGES_MAX);
    const [first] = rows;
    if (first === undefined) {
      await pause(signal);
    } else if (first[0] !== place.seq + 1) {
      // Cut off meanwhile: the numbers have no gaps.
      place = newest(db);
      yield { changes: [], cursor: place.cursor, lost: true };
    } else {
      const { seq, cursor } = placeOf(rows.at(-1) as Row);
      place = { seq, cursor };
      yield { changes: rows.map(changeOf), cursor };
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  // Rejects only when the signal comes.
  await delay(POLL_MS, undefined, { signal }).catch(() => {});
}

function newest(db: Database): Place {
  return placeOf(db.get(NEWEST) as Row);
}

/** Undefined where the change is not kept any more, or never was here. */
function find(db: Database, cursor: string): Place | undefined {
  const hex = /^([0-9a-f]{13})-[0-9a-f]{8}$/.exec(cursor)?.[1];
  if (hex === undefined) return undefined;
  const seq = Number.parseInt(hex, 16);
  const row = db.get(MARK, seq);
  return row !== undefined && placeOf([seq, row[0] ?? 0]).cursor === cursor ? { seq, cursor } : undefined;
}

function placeOf([seq, mark]: Row): Place {
  const hex = (value: unknown, digits: number): string => Number(value).toString(16).padStart(digits, '0');
  return { seq: Number(seq), cursor: `${hex(seq, 13)}-${hex(mark, 8)}` };
}

function changeOf(row: Row): Change {
  const [, , kind, id, deleted] = row;
  return { cursor: placeOf(row).cursor, kind: kind as Change['kind'], id: id as string, deleted: deleted === 1 };
}
