import { freshDatabase, type MongodbServer } from '@simple-scheduler/testkit';
import { type Collection, MongoClient, ObjectId } from 'mongodb';
import { rate } from '../latency.ts';
import { timed } from './broker.ts';

const BATCH = 500;

interface Doc {
  readonly _id: ObjectId;
  readonly key: string;
  readonly rev: number;
  readonly status: string;
  readonly at: Date;
  readonly filler: string;
}

export interface DatabaseFloor {
  /** One at a time, each awaited: how long one durable write takes. */
  readonly singleInsertsPerSecond: number;
  /** `insertMany`, with a unique index beside `_id`. */
  readonly insertedPerSecond: number;
  /** One `bulkWrite` of conditional updates per batch. */
  readonly bulkUpdatedPerSecond: number;
  /** One `updateMany` per batch, where all change in the same way. */
  readonly groupUpdatedPerSecond: number;
}

/** What MongoDB and its driver can do by themselves; write concern majority, batches one after another. */
export async function databaseFloor(server: MongodbServer, documents: number): Promise<DatabaseFloor> {
  await using client = await MongoClient.connect(server.url, { writeConcern: { w: 'majority' } });
  const db = client.db(freshDatabase());
  try {
    const docs = db.collection<Doc>('docs');
    await docs.createIndex({ key: 1 }, { unique: true });
    const batches = Array.from({ length: Math.ceil(documents / BATCH) }, (_, batch) =>
      Array.from({ length: Math.min(BATCH, documents - batch * BATCH) }, (__, index) => newDoc(`${batch}-${index}`)),
    );
    const singles = Math.min(1_000, documents);
    const singleMs = await timed(async () => {
      for (let index = 0; index < singles; index++) await docs.insertOne(newDoc(`single-${index}`));
    });
    const each = (work: (batch: Doc[]) => Promise<unknown>): Promise<number> =>
      timed(async () => {
        for (const batch of batches) await work(batch);
      });
    const insertMs = await each((batch) => docs.insertMany(batch, { ordered: false }));
    const bulkMs = await each((batch) => bulkUpdate(docs, batch));
    const groupMs = await each((batch) =>
      docs.updateMany(
        { _id: { $in: batch.map(({ _id }) => _id) }, rev: 1 },
        { $set: { status: 'completed' }, $inc: { rev: 1 } },
      ),
    );
    return {
      singleInsertsPerSecond: rate(singles, singleMs),
      insertedPerSecond: rate(documents, insertMs),
      bulkUpdatedPerSecond: rate(documents, bulkMs),
      groupUpdatedPerSecond: rate(documents, groupMs),
    };
  } finally {
    await db.dropDatabase();
  }
}

function newDoc(key: string): Doc {
  return { _id: new ObjectId(), key, rev: 0, status: 'pending', at: new Date(), filler: 'x'.repeat(250) };
}

function bulkUpdate(docs: Collection<Doc>, batch: readonly Doc[]): Promise<unknown> {
  return docs.bulkWrite(
    batch.map(({ _id }) => ({
      updateOne: { filter: { _id, rev: 0 }, update: { $set: { status: 'running', rev: 1, at: new Date() } } },
    })),
    { ordered: false },
  );
}
