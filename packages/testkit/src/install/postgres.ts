import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aptInstall } from './apt.ts';
import { isExecutable, run, which } from './command.ts';

/** Where Debian puts the servers, one folder per major version, none of them on PATH. */
const PACKAGED = '/usr/lib/postgresql';

export interface Postgres {
  /** The folder of `initdb` and `postgres`. */
  readonly binaries: string;
  readonly version: string;
}

/** The server's binaries, from the machine's package or a freshly installed one. */
export async function obtainPostgres(): Promise<Postgres> {
  const found = await find();
  if (found !== undefined) return found;
  await aptInstall('PostgreSQL', ['postgresql']);
  const installed = await find();
  if (installed === undefined)
    throw new Error('PostgreSQL was installed, but its binaries are not where its package puts them');
  return installed;
}

async function find(): Promise<Postgres | undefined> {
  const majors = (await readdir(PACKAGED).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const onPath = await which('initdb');
  const folders = [
    ...majors.map((major) => join(PACKAGED, major, 'bin')),
    ...(onPath === undefined ? [] : [dirname(onPath)]),
  ];
  for (const binaries of folders) {
    if (!(await isExecutable(join(binaries, 'initdb')))) continue;
    const version = /([\d.]+)/.exec(await run(join(binaries, 'postgres'), ['--version']))?.[1] ?? 'unknown';
    return { binaries, version };
  }
  return undefined;
}
