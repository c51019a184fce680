import { ValidationError } from '@simple-scheduler/engine';
import { describe, expect, it } from 'vitest';
import { openMongoStore } from './index.ts';

describe('opening a store', () => {
  it.each([
    ['', 'no scheme'],
    ['localhost:27017', 'no scheme'],
    ['postgres://u:Sup3rsecret@h/', 'another scheme'],
    ['mongodb://u:Sup3rsecret@', 'no host'],
    ['mongodb://u:Sup3r%secret@h/', 'a half escaped password'],
    ['mongodb://u:Sup3rsecret@h/?nonsense=1', 'an option that there is not'],
    ['mongodb://u:Sup3rsecret@h:99999999/', 'no port'],
    ['mongodb://u:Sup3rsecret@a,b/?directConnection=true', 'options that contradict each other'],
  ])('refuses the connection string %j (%s), naming the field and no secret', async (connectionString) => {
    const error: unknown = await openMongoStore({ connectionString, dbName: 'x' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).errors[0]?.path).toBe('connectionString');
    expect((error as Error).message).not.toMatch(/secret/i);
  });

  it.each(['', 'a b', 'a/b', 'a.b', 'a$b', 'a"b', 'a\0b', 'x'.repeat(64), 'ü'.repeat(32), 'admin', 'local', 'config'])(
    'refuses the database name %j',
    async (dbName) => {
      const opening = openMongoStore({ connectionString: 'mongodb://127.0.0.1/', dbName });
      await expect(opening).rejects.toThrow(ValidationError);
      await expect(opening).rejects.toThrow(/^dbName must not/);
    },
  );

  it('connects to nothing yet', async () => {
    const store = await openMongoStore({ connectionString: 'mongodb://127.0.0.1:1/', dbName: 'simpleScheduler' });
    await store.close();
  });
});
