import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from '../src/mutations/mutations.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs one seed in a process of its own with the bug planted; resolves with the exit code and what it printed. */
function runSeed(mutation: string, seed: number): Promise<{ code: number | null; output: string }> {
  const plant = here('../src/mutations/plant.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=x-source', '--import', plant, here('../src/main.ts'), '--seed', String(seed)],
    {
      env: { ...process.env, SIM_MUTATION: mutation },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('the simulation notices', () => {
  it.each(MUTATIONS)('$name (seed $seed)', async ({ name, seed }) => {
    const { code, output } = await runSeed(name, seed);
    expect(output).toMatch(new RegExp(`^seed ${seed} FAILED`, 'm'));
    expect(code).toBe(1);
  });

  it('what the table in docs/RELIABILITY.md says', async () => {
    const text = await readFile(here('../../../docs/RELIABILITY.md'), 'utf8');
    const rows = [...text.matchAll(/^\| (.+?) \| (\d+) \|/gm)].map(([, name, seed]) => ({ name, seed: Number(seed) }));
    expect(rows).toEqual(MUTATIONS.map(({ name, seed }) => ({ name, seed })));
  });
});
