import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from '../src/mutations/mutations.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
/** Runs seeds in a process of its own with the bug planted; resolves with what it printed. */
function runSeeds(mutation: string, seeds: string): Promise<{ code: number | null; output: string }> {
  const simulate = [
    '--import',
    here('../src/mutations/plant.ts'),
    here('../src/main.ts'),
    '--seeds',
    seeds,
    '--first',
    '--brief',
    '--threads',
    '1',
  ];
  const child = spawn(process.execPath, ['--conditions=x-source', ...simulate], {
    env: { ...process.env, SIM_MUTATION: mutation },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('the simulation notices', () => {
  // Where a change of the engine has moved what happens in which seed: `npm run sim:mutations -- --write`.
  it.each(MUTATIONS)('$name', async ({ name, seed }) => {
    const { code, output } = await runSeeds(name, `${seed}..${seed}`);
    // Not a crash of the simulation itself: a promise that a seed found broken.
    expect(output).toMatch(/^seed \d+ FAILED at \d+ ms: \d/m);
    expect(code).toBe(1);
  });

  it('what the table in docs/RELIABILITY.md lists', async () => {
    const text = await readFile(here('../../../docs/RELIABILITY.md'), 'utf8');
    const rows = [...text.matchAll(/^\| (.+?) \| (\d+) \|/gm)].map(([, name, seed]) => ({ name, seed: Number(seed) }));
    expect(rows).toEqual(MUTATIONS.map(({ name, seed }) => ({ name, seed })));
  });
});
