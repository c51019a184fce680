import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isFromKubernetes } from './kubernetes.ts';
import type { SettingsProblem } from './problems.ts';
import { PREFIX } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Our variables, by name without the prefix, `_FILE` resolved. */
export interface ReadEnvironment {
  readonly texts: ReadonlyMap<string, string>;
  /** Every name with our prefix that was found, without it, as written (with `_FILE`). */
  readonly found: readonly string[];
  readonly problems: readonly SettingsProblem[];
}

const FILE_SUFFIX = '_FILE';

/**
 * Collects our variables from the process and from an `.env` file in `cwd`; where both name one, the process wins. An
 * empty value counts as absent, because compose files and shells write unset variables that way.
 */
export function readEnvironment(env: Environment, cwd: string): ReadEnvironment {
  const problems: SettingsProblem[] = [];
  const texts = new Map<string, string>();
  const found = new Set<string>();
  // Weaker source first: what the process says replaces it, also where one side uses the `_FILE` form.
  for (const source of [readEnvFile(cwd, problems), env]) {
    const own = ownVariables(source);
    for (const name of own.keys()) found.add(name);
    resolveFiles(own, cwd, problems);
    for (const [name, text] of own) texts.set(name, text);
  }
  return { texts, found: [...found], problems };
}

function readEnvFile(cwd: string, problems: SettingsProblem[]): Environment {
  const path = join(cwd, '.env');
  try {
    // A byte order mark would become part of the first name.
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push({ variable: path, text: `: cannot be read (${code})` });
    return {};
  }
}

function ownVariables(source: Environment): Map<string, string> {
  const own = new Map<string, string>();
  for (const [fullName, text] of Object.entries(source)) {
    if (!fullName.startsWith(PREFIX) || text === undefined || text === '') continue;
    const name = fullName.slice(PREFIX.length);
    if (!isFromKubernetes(name, text)) own.set(name, text);
  }
  return own;
}

/** Replaces each `X_FILE` by `X` with the file's text, less one line end. */
function resolveFiles(own: Map<string, string>, cwd: string, problems: SettingsProblem[]): void {
  for (const [fileName, path] of own) {
    if (!fileName.endsWith(FILE_SUFFIX)) continue;
    const name = fileName.slice(0, -FILE_SUFFIX.length);
    own.delete(fileName);
    const variable = `${PREFIX}${fileName}`;
    if (own.has(name)) {
      problems.push({ variable, text: `: is set together with ${PREFIX}${name}; keep one of them` });
      continue;
    }
    try {
      const text = readFileSync(resolve(cwd, path), 'utf8').replace(/\r?\n$/, '');
      if (text === '') problems.push({ variable, text: `="${path}": that file is empty` });
      else own.set(name, text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push({
        variable,
        text: `="${path}": that file cannot be read (${code})`,
        example: `${variable}=/run/secrets/${name.toLowerCase()}`,
      });
    }
  }
}
