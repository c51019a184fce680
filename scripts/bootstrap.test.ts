import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** A project in which everything is installed, and nothing but the build is left to do. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  put('pnpm-lock.yaml', 'lock');
  put('node_modules/.bootstrap-stamp', 'lock');
  put('tools/pnpm/package-lock.json', 'lock');
  put('tools/pnpm/node_modules/.stamp', 'lock');
  put('services/standalone/dist/main.js', "console.log('started');");
  copyFileSync(join(import.meta.dirname, 'bootstrap.mjs'), put('scripts/bootstrap.mjs', ''));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** The build tells what it has to tell on stdout. */
function start({ buildExits }: { buildExits: number }) {
  put('node_modules/turbo/bin/turbo', `console.log('told by the compiler'); process.exitCode = ${buildExits};`);
  const file = join(root, 'scripts', 'bootstrap.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, 'start'], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('shows what the compiler said where the build before a task fails', () => {
  const { status, stdout, stderr } = start({ buildExits: 2 });
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/building[^]*told by the compiler[^]*Building failed \(see above\)/);
});

it('says that it builds, and leaves standard output to the task', () => {
  const { status, stdout, stderr } = start({ buildExits: 0 });
  expect(status).toBe(0);
  expect(stdout).toBe('started\n');
  expect(stderr).toContain('bootstrap: building');
  expect(stderr).not.toContain('told by the compiler');
});
