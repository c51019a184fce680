import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder, removeFolder } from '../guard.ts';
import { cached } from '../install/cache.ts';
import { KEYCLOAK_VERSION, obtainKeycloak } from '../install/keycloak.ts';
import { processLife, serverOf } from '../own-server.ts';
import { freePort } from '../ports.ts';
import type { KeycloakServer } from '../server.ts';
import { ServerProcess } from '../server-process.ts';
import { REALM, REALM_FILE } from './keycloak-realm.ts';

interface Instance {
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly managementPort: number;
}

/** A private Keycloak with the project's realm, its users and clients. */
export async function startKeycloakBinary(): Promise<KeycloakServer> {
  const home = await obtainKeycloak();
  const filled = await filledData(home);
  const instance = await newInstance(home);
  await cp(join(filled, 'h2'), join(instance.folder, 'data', 'h2'), { recursive: true });
  const process = processOf(instance);
  await process.start();
  const url = `http://127.0.0.1:${instance.port}`;
  const life = processLife(instance.folder, process);
  return serverOf(
    { kind: 'keycloak', source: 'binary', version: KEYCLOAK_VERSION, url, issuer: `${url}/realms/${REALM}` },
    life,
  );
}

/**
 * The data of an instance that has made its tables and imported the realm: two thirds of a first start. Kept in the cache
 * for as long as the realm file stays as it is; a copy of it starts in seconds.
 */
async function filledData(home: string): Promise<string> {
  const realm = await readFile(REALM_FILE);
  const hash = createHash('sha256').update(realm).digest('hex').slice(0, 12);
  return cached(`keycloak-${KEYCLOAK_VERSION}-data-${hash}`, async (unfinished) => {
    const instance = await newInstance(home);
    await mkdir(join(instance.folder, 'data', 'import'), { recursive: true });
    await cp(REALM_FILE, join(instance.folder, 'data', 'import', 'realm.json'));
    const process = processOf(instance);
    await process.start();
    await process.stop(); // the database writes its file out when it ends in good order
    await cp(join(instance.folder, 'data', 'h2'), join(unfinished, 'h2'), { recursive: true });
    await removeFolder(instance.folder);
  });
}

/** An instance has its own settings and data; libraries and themes are shared, read-only. */
async function newInstance(home: string): Promise<Instance> {
  const folder = await privateFolder('keycloak');
  for (const shared of ['lib', 'providers', 'themes']) await symlink(join(home, shared), join(folder, shared));
  for (const own of ['bin', 'conf', 'version.txt']) await cp(join(home, own), join(folder, own), { recursive: true });
  await mkdir(join(folder, 'data', 'tmp'), { recursive: true });
  return { home, folder, port: await freePort(), managementPort: await freePort() };
}

function processOf({ folder, port, managementPort }: Instance): ServerProcess {
  return new ServerProcess({
    name: 'keycloak',
    command: join(folder, 'bin', 'kc.sh'),
    args: [
      ...['start', '--optimized', '--import-realm', '--http-enabled=true', '--hostname-strict=false', '--cache=local'],
      ...['--http-host=127.0.0.1', `--http-port=${port}`, `--http-management-port=${managementPort}`],
    ],
    env: {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
      KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
      JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx256m',
      // A test server lives for minutes: quick to start beats quick at its peak. And it writes nowhere but here.
      JAVA_OPTS_APPEND: `-XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.io.tmpdir=${join(folder, 'data', 'tmp')}`,
    },
    logFile: join(folder, 'keycloak.log'),
    ready: async () => {
      const health = await fetch(`http://127.0.0.1:${managementPort}/health/ready`, {
        signal: AbortSignal.timeout(5_000),
      });
      await health.body?.cancel();
      return health.ok;
    },
    readyTimeoutMs: 300_000,
    stopTimeoutMs: 20_000,
  });
}
