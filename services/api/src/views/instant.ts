/** Epoch ms as RFC 3339 in UTC with milliseconds. */
export const instant = (at: number): string => new Date(at).toISOString();

/** `{ [name]: instant }`, or nothing where there is none: absent is absent. */
export function instantAs<N extends string>(name: N, at: number | undefined): { [K in N]?: string } {
  return (at === undefined ? {} : { [name]: instant(at) }) as { [K in N]?: string };
}
