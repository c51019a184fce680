import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptInstall } from './apt.ts';
import { cached } from './cache.ts';
import { run, which } from './command.ts';

export const KEYCLOAK_VERSION = '26.0.7';

/** Build options are fixed once with `kc.sh build`; a later start that named others would build again. */
const BUILD_OPTIONS = ['--db=dev-file', '--health-enabled=true'];

/** The folder of a Keycloak that is built and ready for `start --optimized`. Java comes along where it is missing. */
export async function obtainKeycloak(): Promise<string> {
  await needJava();
  const folder = await cached(`keycloak-${KEYCLOAK_VERSION}`, async (unfinished) => {
    const needed = [];
    if ((await which('mvn')) === undefined) needed.push('maven');
    if ((await which('unzip')) === undefined) needed.push('unzip');
    if (needed.length > 0) await aptInstall('What fetches and unpacks Keycloak', needed);
    const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`;
    await run('mvn', [
      '-q',
      '-B',
      'dependency:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${unfinished}`,
      '-Dmdep.useBaseVersion=true',
    ]);
    const archive = join(unfinished, `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.zip`);
    await run('unzip', ['-q', archive, '-d', unfinished]);
    await rm(archive);
    await run(join(unfinished, `keycloak-${KEYCLOAK_VERSION}`, 'bin', 'kc.sh'), ['build', ...BUILD_OPTIONS]);
  });
  return join(folder, `keycloak-${KEYCLOAK_VERSION}`);
}

async function needJava(): Promise<void> {
  const home = process.env['JAVA_HOME'];
  const command = home ? join(home, 'bin', 'java') : 'java';
  const output = await run('sh', ['-c', '"$1" -version 2>&1', 'sh', command]).catch(() => '');
  const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
  if (major < 17) await aptInstall('Java 17 or newer', ['openjdk-17-jre-headless']);
}
