import { MongoClient } from 'mongodb';

/** Has MongoDB write to its files what earlier work has left in its memory (a checkpoint), so that what comes next does not pay for it. */
export async function writeOut(url: string): Promise<void> {
  await using client = await MongoClient.connect(url);
  await client.db('admin').command({ fsync: 1 });
}
