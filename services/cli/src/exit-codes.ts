/** What the exit code tells a script. */
export const EXIT = {
  ok: 0,
  /** The API refused, or something else went wrong. */
  refused: 1,
  /** The command line is wrong. */
  usage: 2,
  notLoggedIn: 3,
  /** The API, or the issuer, can't be reached. */
  unreachable: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
