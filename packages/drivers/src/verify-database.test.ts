import { Secret } from '@simple-scheduler/runtime';
import { describe, expect, it } from 'vitest';
import { verifyDatabase } from './verify-database.ts';

const mongodb = (text: string, name = 'simpleScheduler') =>
  verifyDatabase({ database: { type: 'mongodb', connectionString: new Secret(text), name } });

describe('the settings of the database', () => {
  it.each([
    'mongodb://u:hidden@',
    'mongodb://u:hidden/b@h:1/',
    'mongodb://u:hidden@127.0.0.1:99999/',
    'mongodb://u:hidden@h/?foo=bar',
  ])('are refused by the variable, without the password: %s', async (text) => {
    const problems = await mongodb(text);
    expect(problems).toEqual([
      {
        variable: 'SIMPLE_SCHEDULER_DB_CONNECTION_STRING',
        text: expect.stringMatching(/^ is not a connection string that MongoDB understands: ./),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain('hidden');
  });

  it('are refused for a database that MongoDB keeps to itself', async () => {
    expect(await mongodb('mongodb://h', 'admin')).toMatchObject([{ variable: 'SIMPLE_SCHEDULER_DB_NAME' }]);
  });

  it('are accepted where nothing listens, and where it is not MongoDB', async () => {
    expect(await mongodb('mongodb://u:p@127.0.0.1:1,[::1]:2/?replicaSet=rs0')).toEqual([]);
    expect(await mongodb('mongodb+srv://no-such-host.example/')).toEqual([]);
    expect(await verifyDatabase({ database: { type: 'sqlite', path: 'mongodb://' } })).toEqual([]);
    expect(await verifyDatabase({})).toEqual([]);
  });
});
