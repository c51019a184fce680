import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { StoreUnavailableError, ValidationError } from '@simple-scheduler/engine';
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

  it('connects to nothing before it is used', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connectionString = `mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=200`;
    const store = await openMongoStore({ connectionString, dbName: 'simpleScheduler' });
    // A connection of ours comes after all that were on their way before.
    await once(
      connect(port, '127.0.0.1').on('error', () => {}),
      'close',
    );
    expect(connections).toBe(1);
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
    expect(connections).toBeGreaterThan(1);
    await store.close();
    server.close();
  });
});
