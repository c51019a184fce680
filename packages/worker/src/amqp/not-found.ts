const NOT_FOUND = 404;

/** The broker's answer where an exchange or a queue does not exist; it closes the channel with it. */
export function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === NOT_FOUND;
}

/** The exchange that a publication was for, from the text of that answer. */
export function missingExchange(error: Error): string | undefined {
  return isNotFound(error) ? /no exchange '([^']*)'/.exec(error.message)?.[1] : undefined;
}
