import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const fixture = join(import.meta.dirname, 'fixtures/busy-once.ts');
/** V8 looks every 8 s, and by itself gives up waiting for a quiet moment after 100 s. */
const TIME_LIMIT_MS = 60_000;

it('gives memory back soon after it was busy', { timeout: TIME_LIMIT_MS }, async () => {
  const child = spawn(process.execPath, ['--conditions=x-source', fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let atFirst: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for await (const line of createInterface(child.stdout)) {
      atFirst ??= Number(line);
      least = Math.min(least, Number(line));
      if (least < atFirst / 2) break;
    }
    expect(least).toBeLessThan((atFirst ?? 0) / 2);
  } finally {
    child.kill('SIGKILL');
  }
});
