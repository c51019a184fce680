import { inspect } from 'node:util';
import { SchedulerError, StoreUnavailableError } from '@simple-scheduler/engine';
import { freePort, freshDatabase } from '@simple-scheduler/testkit';
import { sharedMongodb } from '@simple-scheduler/testkit/vitest';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMongoStore } from '../src/index.ts';

const dbName = freshDatabase();
const user = { name: 'scheduler', password: 'p@ss/w:rd%?#' };
let url: string;
let client: MongoClient;

beforeAll(async () => {
  ({ url } = await sharedMongodb());
  client = new MongoClient(url);
  const roles = [{ role: 'readWrite', db: dbName }];
  await client.db(dbName).command({ createUser: user.name, pwd: user.password, roles });
});

afterAll(async () => {
  await client.db(dbName).command({ dropUser: user.name });
  await client.db(dbName).dropDatabase();
  await client.close();
});

function as(name: string, password: string): string {
  const address = url.replace(/:\/\/([^/@]*@)?/, `://${encodeURIComponent(name)}:${encodeURIComponent(password)}@`);
  return `${address}${address.includes('?') ? '&' : '?'}authSource=${dbName}`;
}

/** What logs may print of an error, its causes included, does not hold the password in any form. */
function expectNoSecret(error: unknown, password: string): void {
  const shown = `${String(error)} ${inspect(error, { depth: 12, showHidden: true, maxStringLength: null })}`;
  for (const form of [password, encodeURIComponent(password)]) expect(shown).not.toContain(form);
}

describe('credentials', () => {
  it('are used: a password with special characters opens the database', async () => {
    const store = await openMongoStore({ connectionString: as(user.name, user.password), dbName });
    await store.migrate();
    expect(await store.getJob('a')).toBeNull();
    await store.close();
  });

  it('that are wrong are refused clearly, for good, and not shown', async () => {
    const password = 'Wr0ng!pass@word';
    const store = await openMongoStore({ connectionString: as(user.name, password), dbName });
    for (const call of [() => store.ping(), () => store.migrate(), () => store.getJob('a')]) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SchedulerError);
      expect(error).not.toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ retryable: false, code: 'unavailable' });
      expect((error as Error).message).toMatch(/MongoDB refuses access: Authentication failed.*user, password/);
      expectNoSecret(error, password);
    }
    await store.close();
  });

  it('do not show where no server answers, nor where the address is mangled by an unescaped password', async () => {
    const port = await freePort();
    for (const password of ['Sup3r-secret', 'Sup3r@secret', 'Sup3r@sec:ret']) {
      const connectionString = `mongodb://admin:${password}@127.0.0.1:${port}/`;
      const error: unknown = await openMongoStore({ connectionString, dbName, serverSelectionTimeoutMs: 300 }).then(
        async (store) => {
          const reason: unknown = await store.ping().catch((caught: unknown) => caught);
          await store.close();
          return reason;
        },
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(SchedulerError);
      expectNoSecret(error, password);
      expectNoSecret(error, 'secret');
    }
  });
});
