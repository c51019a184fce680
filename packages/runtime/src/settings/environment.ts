import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readEnvFile } from './env-file.ts';
import { isFromKubernetes } from './kubernetes.ts';
import type { SettingsProblem } from './problems.ts';
import { PREFIX } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Our variables, by name without the prefix, `_FILE` resolved. */
export interface ReadEnvironment {
  readonly texts: ReadonlyMap<string, string>;
  /** Every name with our prefix that was found, without it, as written (with `_FILE`). */
  readonly found: readonly string[];
  /** The file that said it, by full name, for what the process did not say. */
  readonly fileOf: ReadonlyMap<string, string>;
  readonly problems: readonly SettingsProblem[];
}

const FILE_SUFFIX = /_FILE$/;

/**
 * Collects our variables from the process and from an `.env` file in `cwd`; where both name one, the process wins. An
 * empty value counts as absent, because compose files and shells write unset variables that way.
 */
export function readEnvironment(env: Environment, cwd: string): ReadEnvironment {
  const problems: SettingsProblem[] = [];
  const envFile = readEnvFile(cwd, problems);
  const ofProcess = ownVariables(env);
  const ofFile = ownVariables(envFile.variables);
  const found = new Set([...ofFile.keys(), ...ofProcess.keys()]);
  // In either form: what the process says must not depend on a file that the other form would name.
  const said = new Set([...ofProcess.keys()].map(withoutSuffix));
  for (const name of ofFile.keys()) if (said.has(withoutSuffix(name))) ofFile.delete(name);
  const names = [...ofFile.keys()].flatMap((name) => [name, withoutSuffix(name)]);
  for (const own of [ofFile, ofProcess]) resolveFiles(own, cwd, problems);
  return {
    texts: new Map([...ofFile, ...ofProcess]),
    found: [...found],
    fileOf: new Map(names.map((name) => [`${PREFIX}${name}`, envFile.path])),
    problems,
  };
}

function withoutSuffix(name: string): string {
  return name.replace(FILE_SUFFIX, '');
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
    const name = withoutSuffix(fileName);
    if (name === fileName) continue;
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
