import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { SettingsProblem } from './problems.ts';

export interface EnvFile {
  readonly path: string;
  /** None where there is no such file. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Reads the file `.env` in `cwd`, and reports what in it is not understood. */
export function readEnvFile(cwd: string, problems: SettingsProblem[]): EnvFile {
  const path = join(cwd, '.env');
  try {
    // A byte order mark would become part of the first name.
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    for (const line of strayLines(text)) {
      // Without what stands there: it may be part of a secret.
      problems.push({ variable: `${path}:${line}`, text: ': is neither NAME=value nor a comment' });
    }
    return { path, variables: parseEnv(text) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push({ variable: path, text: `: cannot be read (${code})` });
    return { path, variables: {} };
  }
}

const NAME = /[^\S\n]*(?:export[^\S\n]+)?[\w.-]+[^\S\n]*=[^\S\n]*/;
/** A value in quotes may go on over several lines; what follows it on its last one is not heeded. */
const QUOTED = new RegExp(`^(${NAME.source})(["'\`])[^]*?\\2.*$`, 'gm');
const UNDERSTOOD = new RegExp(`^(?:${NAME.source}|\\s*(?:#|$))`);

/** Numbers of the lines that `parseEnv` leaves out without a word, or takes for something odd. */
function strayLines(text: string): number[] {
  const unquoted = text.replace(QUOTED, (all, name: string) => name + '\n'.repeat(all.split('\n').length - 1));
  return unquoted.split('\n').flatMap((line, index) => (UNDERSTOOD.test(line) ? [] : [index + 1]));
}
