import { ALL_PARTS } from './all-parts.ts';
import type { SettingsProblem } from './problems.ts';
import { nearest } from './suggest.ts';
import type { Variable } from './variable.ts';
import { PREFIX } from './variable.ts';

/** The variables of all services: one `.env` file may serve them all, and each reads its own. */
export const ALL_VARIABLES: readonly Variable<unknown>[] = Object.values(ALL_PARTS).flatMap((part) => part.variables);

/** Read by the command line (the first ones) and by the project's own scripts, which have no settings of a service. */
const ELSEWHERE = [
  'TOKEN',
  'URL',
  'CONTEXT',
  'CONFIG_DIR',
  'CREDENTIALS',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'CACHE',
];
/** What tests hand to one another; services do not look at it. */
const TEST_PREFIX = 'TEST_';

/** A problem for each name that carries our prefix and is nobody's: a misspelt setting must not be a silent default. */
export function refuseUnknown(found: readonly string[], additional: readonly Variable<unknown>[]): SettingsProblem[] {
  const known = new Set([...ALL_VARIABLES, ...additional].map((v) => v.name).concat(ELSEWHERE));
  return found
    .filter((name) => !name.startsWith(TEST_PREFIX) && !known.has(name) && !known.has(name.replace(/_FILE$/, '')))
    .map((name) => {
      const near = nearest(name.replace(/_FILE$/, ''), known);
      const hint = near === null ? '' : `. Did you mean ${PREFIX}${near}?`;
      return { variable: `${PREFIX}${name}`, text: ` is not a setting${hint}` };
    });
}
