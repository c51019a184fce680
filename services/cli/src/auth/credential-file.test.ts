import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { credentialFile } from './credential-file.ts';
import type { CredentialFile } from './credential-file.ts';
import type { Login } from './credentials.ts';

const API = 'http://localhost:8080/api';
const login: Login = {
  issuer: 'https://id',
  clientId: 'cli',
  flow: 'browser',
  tokens: { accessToken: 'a', expiresAt: 1 },
};

let parent: string;
let folder: string;
let file: string;
let store: CredentialFile;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'cli-credentials-'));
  folder = join(parent, 'deep', 'config');
  file = join(folder, 'credentials.json');
  store = credentialFile(folder);
});
afterEach(() => rm(parent, { recursive: true }));

const save = (url = API, value = login): Promise<void> => store.exclusively(() => store.write(url, value));

test('keeps a login for each address, and none for others', async () => {
  expect(await store.read(API)).toBeUndefined();
  await save();
  await save('http://other/api', { ...login, clientId: 'other' });
  expect(await store.read(API)).toEqual(login);
  expect(await store.read('http://other/api')).toMatchObject({ clientId: 'other' });
  for (const strange of ['constructor', '__proto__', '']) expect(await store.read(strange)).toBeUndefined();
});

test('is readable by its owner only, in a folder of its owner only, and leaves nothing beside it', async () => {
  await save();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readdir(folder)).toEqual(['credentials.json']);
});

test('does not use a file that others can read or write, says what to do, and lets a new login replace it', async () => {
  for (const mode of [0o644, 0o640, 0o602]) {
    await save();
    await chmod(file, mode);
    await expect(store.read(API)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/is open to others.*log in again.*chmod 600/),
    });
    expect((await stat(file)).mode & 0o777).toBe(mode);
    await save('http://other/api');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await store.read(API)).toBeUndefined();
  }
});

test.each(['', '{', '[]', '{"version":2,"logins":{}}', '{"version":1,"logins":{"x":{"issuer":1}}}'])(
  'says that %j is damaged, and lets a new login replace it',
  async (text) => {
    await save();
    await writeFile(file, text);
    await expect(store.read(API)).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(file) });
    await save();
    expect(await store.read(API)).toEqual(login);
  },
);

test('says what it could not write to', async () => {
  await writeFile(join(parent, 'deep'), 'a file where the folder should be');
  await expect(save()).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('SIMPLE_SCHEDULER_CONFIG_DIR'),
  });
});

test('lets one in at a time, and none of many writers is lost', async () => {
  let inside = 0;
  const urls = Array.from({ length: 8 }, (_, i) => `http://localhost/${i}`);
  await Promise.all(
    urls.map((url) =>
      store.exclusively(async () => {
        expect(++inside).toBe(1);
        await store.write(url, login);
        inside--;
      }),
    ),
  );
  const content = JSON.parse(await readFile(file, 'utf8')) as { logins: object };
  expect(Object.keys(content.logins).toSorted()).toEqual(urls);
});

test('gets past a lock that a dead process left behind', async () => {
  await save();
  const lock = `${file}.lock`;
  await writeFile(lock, '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  await save(API, { ...login, clientId: 'after' });
  expect(await store.read(API)).toMatchObject({ clientId: 'after' });
});
