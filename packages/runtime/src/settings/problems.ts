import type { ServiceName } from './variable.ts';

/** One thing that is wrong with the settings, as people read it. */
export interface SettingsProblem {
  /** Full name of the variable. */
  readonly variable: string;
  /** Goes on after the name: `="x" must be …`. */
  readonly text: string;
  readonly example?: string;
  /** The file that says it; absent: the process does. */
  readonly file?: string | undefined;
}

/** Exit code for wrong settings: `EX_CONFIG` of sysexits.h. */
export const EXIT_CONFIG = 78;

/** Raised by `loadSettings`. The message names every problem and is complete as it stands. */
export class SettingsError extends Error {
  readonly problems: readonly SettingsProblem[];

  constructor(service: ServiceName, problems: readonly SettingsProblem[]) {
    super(describe(service, problems));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

function describe(service: ServiceName, problems: readonly SettingsProblem[]): string {
  const count = problems.length === 1 ? 'one setting is' : `${problems.length} settings are`;
  const lines = problems.map(
    ({ variable, text, example, file }) => `  ${variable}${text}${below('Set in', file)}${below('Example', example)}`,
  );
  return [`Simple Scheduler's ${service} cannot start: ${count} wrong.`, ...lines].join('\n');
}

function below(label: string, text: string | undefined): string {
  return text === undefined ? '' : `\n      ${label}: ${text}`;
}
