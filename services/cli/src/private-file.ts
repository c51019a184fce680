import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failures.ts';

/** Writes a file that only its owner can read, as a whole: a crash leaves the old one or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw unusable(path, 'written', error);
  }
}

export function unusable(path: string, what: 'read' | 'written' | 'made' | 'removed', error: unknown): CliFailure {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const sentence = `${path} can't be ${what} (${code}): make it yours, or name another folder in SIMPLE_SCHEDULER_CONFIG_DIR.`;
  return new CliFailure(EXIT.refused, sentence, { cause: error });
}
