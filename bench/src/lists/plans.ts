import type { Db, Document } from 'mongodb';

/** What the server did for one query, by its own profiler. */
export interface Work {
  readonly plan: string;
  readonly keys: number;
  readonly documents: number;
  readonly returned: number;
}

/** Does `ask` while the server notes what each read of `collection` cost; gives the costs of the last one. */
export async function workOf(db: Db, collection: string, ask: () => Promise<unknown>): Promise<Work | undefined> {
  await db.command({ profile: 0 });
  await db.dropCollection('system.profile').catch(() => {});
  await db.command({ profile: 2, slowms: 0 });
  try {
    await ask();
  } finally {
    await db.command({ profile: 0 });
  }
  const [found] = await db
    .collection('system.profile')
    .find({ ns: `${db.databaseName}.${collection}`, 'command.find': collection })
    .sort({ ts: -1 })
    .limit(1)
    .toArray();
  if (found === undefined) return undefined;
  const { planSummary, keysExamined, docsExamined, nreturned } = found as Document;
  return { plan: planSummary, keys: keysExamined, documents: docsExamined, returned: nreturned };
}
