import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));

/** An owner that starts a process and makes a folder, tells what they are, and then does as `fate` says. */
const owner = (fate: string): string => `
  import { spawn } from 'node:child_process';
  import { ownGroup, privateFolder } from ${JSON.stringify(guard)};
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  child.unref();
  ownGroup(child.pid);
  console.log(JSON.stringify({ pid: child.pid, folder: await privateFolder('guard') }));
  ${fate}`;

const isRunning = async (pid: number): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !status.includes('State:\tZ');
};

test.each([
  ['comes to its end', ''],
  ['throws', 'throw new Error("on purpose")'],
  ['is killed', 'setInterval(() => {}, 1000)'],
])('nothing is left behind by an owner that %s', async (_how, fate) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner(fate)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  child.kill('SIGKILL');
  await waitFor(async () => !(await isRunning(pid)), { message: 'the owned process to end' });
  await waitFor(async () => !(await stat(folder).catch(() => undefined)), { message: 'the owned folder to go' });
  expect(await isRunning(pid)).toBe(false);
});
