import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The linter ends well even when a plugin of its own does not load, and a rule whose pattern matches no file complains about
// nothing. So the rules that keep core and engine deterministic are tried on a source that breaks each of them, in a folder
// that is laid out as the project is.
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const broken = `import { hostname } from 'node:os';
export const now: Date = new Date();
export const text: string = Date();
export const given: Date = new Date(5);
export const millis: number = Date.now();
export const chance: number = Math.random();
export const timer: unknown = setTimeout(() => {}, 5);
export const id: string = crypto.randomUUID();
export const env: unknown = process.env;
async function later(): Promise<string> {
  return hostname();
}
later();
`;

let folder: string;
let lines: number[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-lint-'));
  for (const path of ['.oxlintrc.json', 'scripts/lint', 'tsconfig.json', 'tsconfig.base.json']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'packages', 'core', 'src'), { recursive: true });
  await writeFile(join(folder, 'packages', 'core', 'src', 'probe.ts'), broken);
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, env: environment() };
    execFile('oxlint', ['--format=unix', 'packages'], options, (_error, stdout) => resolve(stdout));
  });
  lines = [...output.matchAll(/probe\.ts:(\d+):/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the linter refuses what would make core differ from run to run, and nothing else', () => {
  expect(lines).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 13]);
});

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
  };
}
