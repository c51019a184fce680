/**
 * Changes by MongoDB's own log. Nothing is written for it, and nothing is done while nobody follows. A cursor is the
 * resume token of a change stream: good for as long as the oplog goes back, on every member, and the same for everyone.
 */
import {
  type Change,
  type ChangeBatch,
  type ChangeFeed,
  NoChangeFeedError,
  SchedulerError,
} from '@simple-scheduler/engine';
import { MongoError } from 'mongodb';
import type { Database } from '../database.ts';
import { seenIn } from './change-events.ts';
import { JobNames } from './job-names.ts';
import { type EventBatch, StreamEndedError, Watching } from './watching.ts';

/** The server's word that it is no member of a replica set. */
const NO_REPLICA_SET = 40_573;
/** Words of the server that a resume token does not lead anywhere any more, in the middle of a stream too. */
const LOST: ReadonlySet<unknown> = new Set([
  260, // InvalidResumeToken
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost
]);
const TOKEN = /^[0-9A-F]{18,2048}$/;
/** A token begins with the cluster time of its change. */
const TIME_CHARS = 18;

export function changeFeed(database: Database): ChangeFeed {
  const names = new JobNames(database);
  return { follow: (after, signal) => follow(database, names, after, signal) };
}

async function* follow(
  database: Database,
  names: JobNames,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch, void> {
  let from = after;
  let lost = after !== undefined && !(await mayBeOurs(database, after));
  while (!signal.aborted) {
    if (lost) from = undefined;
    const watching = new Watching(database, from);
    try {
      for (;;) {
        const batch = await unlessAborted(watching.read(), signal);
        if (batch === undefined) return;
        const changes = await changesOf(batch, names);
        yield { changes, cursor: batch.cursor, ...(lost ? { lost } : {}) };
        lost = false;
        from = batch.cursor;
      }
    } catch (error) {
      if (signal.aborted) return;
      const ended = error instanceof StreamEndedError;
      if (!ended && (from === undefined || !isLost(error, database, from === after))) throw explained(error, database);
      lost = true;
    } finally {
      watching.close();
    }
  }
}

/** Whether it has the form of a token, and not one of a time to come: a database that was put back has forgotten it. */
async function mayBeOurs(database: Database, after: string): Promise<boolean> {
  if (!TOKEN.test(after)) return false;
  const watching = new Watching(database, undefined);
  try {
    const { cursor } = await database.connection.call(() => watching.read());
    return after.slice(0, TIME_CHARS) <= cursor.slice(0, TIME_CHARS);
  } catch (error) {
    throw explained(error, database);
  } finally {
    watching.close();
  }
}

/** A token that someone made up is refused in many ways, but always as the first thing that the server says. */
function isLost(error: unknown, database: Database, first: boolean): boolean {
  if (error instanceof MongoError && LOST.has(error.code)) return true;
  const said = explained(error, database);
  return first && said instanceof SchedulerError && said.code === 'internal';
}

function explained(error: unknown, { connection }: Database): unknown {
  const code: unknown = error instanceof SchedulerError ? (error.cause as MongoError | undefined)?.code : undefined;
  if ((error instanceof MongoError ? error.code : code) !== NO_REPLICA_SET) return connection.explain(error);
  return new NoChangeFeedError(
    'changes can be followed only where MongoDB is a replica set; a set of one member is enough',
  );
}

async function changesOf({ events }: EventBatch, names: JobNames): Promise<Change[]> {
  const seen = events.map((event) => ({ cursor: event._id._data, ...seenIn(event) }));
  const nameless: string[] = [];
  for (const one of seen) {
    if (one.kind === 'run') continue;
    if (one.name === undefined) nameless.push(one.uid);
    else if (!one.deleted) names.keep(one.uid, one.name);
  }
  const found = await names.find(nameless);
  return seen.flatMap((one): Change[] => {
    if (one.kind === 'run') return [one.change];
    const name = one.name ?? found.get(one.uid);
    // Gone meanwhile: that it is deleted comes as a change of its own.
    if (name === undefined) return [];
    return [{ cursor: one.cursor, kind: 'job', id: name, deleted: one.deleted }];
  });
}

/** Undefined when the signal comes first; what comes of the work then is nobody's concern. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
