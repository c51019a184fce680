import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { withLock } from './cache.ts';
import { run, which } from './command.ts';

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_TEXT =
  '#!/bin/sh\n# simple-scheduler: no service starts while its packages are being installed\nexit 101\n';

let listsAreFresh = false;

/**
 * Installs Debian packages without their recommended ones and without starting any service.
 * @throws with what to install by hand where there is no apt or no right to use it.
 */
export async function aptInstall(why: string, packages: readonly string[]): Promise<void> {
  const byHand = `${why} is missing. Install it (Debian packages: ${packages.join(' ')}) and run this again`;
  if ((await which('apt-get')) === undefined) throw new Error(`${byHand}: this machine has no apt-get`);
  if (process.getuid?.() !== 0) throw new Error(`${byHand}: only root may install packages`);
  await withLock('apt', async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
    if (!listsAreFresh) await run('apt-get', [...options, 'update'], { env });
    listsAreFresh = true;
    await withoutServices(() =>
      run('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...packages], { env }),
    );
  });
}

/** Packages of servers start them right away, on the machine's own ports, unless a policy answers 101. */
async function withoutServices(install: () => Promise<unknown>): Promise<void> {
  const before = await readFile(POLICY, 'utf8').catch(() => undefined);
  const isOurs = before === undefined || before === POLICY_TEXT; // the latter was left by an install that was killed
  if (isOurs) {
    await writeFile(POLICY, POLICY_TEXT);
    await chmod(POLICY, 0o755);
  }
  try {
    await install();
  } finally {
    if (isOurs) await rm(POLICY, { force: true });
  }
}
