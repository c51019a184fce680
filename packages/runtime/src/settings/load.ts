import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { refuseUnknown } from './known-variables.ts';
import type { SettingsPart } from './part.ts';
import { EXIT_CONFIG, SettingsError } from './problems.ts';
import type { SettingsProblem } from './problems.ts';
import type { ServiceName } from './variable.ts';

export interface LoadSettingsOptions<T extends object> {
  readonly service: ServiceName;
  /** What the service is made of, each under the name that its settings get. */
  readonly parts: { readonly [K in keyof T]: SettingsPart<T[K]> };
  readonly env: Environment;
  /** Holds the `.env` file; relative paths of `_FILE` variables start here. */
  readonly cwd: string;
}

/**
 * Reads and checks the settings of one service: frozen, secrets kept from printing. Throws one `SettingsError` that
 * names everything that is wrong.
 */
export function loadSettings<T extends object>({ service, parts, env, cwd }: LoadSettingsOptions<T>): Readonly<T> {
  const { texts, found, problems } = readEnvironment(env, cwd);
  const all: SettingsProblem[] = [...problems];
  const entries = Object.entries<SettingsPart<unknown>>(parts).map(([key, part]) => {
    const value = part.parse({ service, text: (name) => texts.get(name), report: (problem) => all.push(problem) });
    return [key, value] as const;
  });
  const own = Object.values<SettingsPart<unknown>>(parts).flatMap((part) => part.variables);
  all.push(...refuseUnknown(found, own));
  if (all.length > 0) throw new SettingsError(service, all);
  return deepFreeze(Object.fromEntries(entries) as T);
}

/** As `loadSettings`; on wrong settings the process says what is wrong on stderr and exits with `EXIT_CONFIG`. */
export function loadSettingsOrExit<T extends object>(options: LoadSettingsOptions<T>): Readonly<T> {
  try {
    return loadSettings(options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
