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

/** What takes more than a look at the text to find, in the parts that are right as far as that goes. */
export type Verify<T> = (settings: Partial<T>) => Promise<readonly SettingsProblem[]>;

/**
 * Reads and checks the settings of one service: frozen, secrets kept from printing. Throws one `SettingsError` that
 * names everything that is wrong.
 */
export function loadSettings<T extends object>(options: LoadSettingsOptions<T>): Readonly<T> {
  const { settings, problems, fileOf } = read(options);
  return rightOnes<T>(options.service, settings, located(problems, fileOf));
}

/**
 * As `loadSettings`, with what `verify` finds; on wrong settings the process says what is wrong on stderr and exits with
 * `EXIT_CONFIG`.
 */
export async function loadSettingsOrExit<T extends object>(
  options: LoadSettingsOptions<T> & { readonly verify?: Verify<T> | undefined },
): Promise<Readonly<T>> {
  const { settings, problems, fileOf } = read(options);
  const found = (await options.verify?.(settings)) ?? [];
  try {
    return rightOnes<T>(options.service, settings, located([...problems, ...found], fileOf));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

/** The parts that are right, and all that is wrong. */
function read<T extends object>({
  service,
  parts,
  env,
  cwd,
}: LoadSettingsOptions<T>): {
  readonly settings: Partial<T>;
  readonly problems: readonly SettingsProblem[];
  readonly fileOf: ReadonlyMap<string, string>;
} {
  const { texts, found, fileOf, problems } = readEnvironment(env, cwd);
  const all: SettingsProblem[] = [...problems];
  const entries = Object.entries<SettingsPart<unknown>>(parts).map(([key, part]) => {
    const value = part.parse({ service, text: (name) => texts.get(name), report: (problem) => all.push(problem) });
    return [key, value] as const;
  });
  const own = Object.values<SettingsPart<unknown>>(parts).flatMap((part) => part.variables);
  all.push(...refuseUnknown(found, own));
  return {
    settings: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<T>,
    problems: all,
    fileOf,
  };
}

/** A variable that nobody remembers to have set is looked for in the process first. */
function located(problems: readonly SettingsProblem[], fileOf: ReadonlyMap<string, string>): SettingsProblem[] {
  return problems.map((problem) => ({ ...problem, file: fileOf.get(problem.variable) }));
}

function rightOnes<T extends object>(
  service: ServiceName,
  settings: Partial<T>,
  problems: readonly SettingsProblem[],
): Readonly<T> {
  if (problems.length > 0) throw new SettingsError(service, problems);
  return deepFreeze(settings as T);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
