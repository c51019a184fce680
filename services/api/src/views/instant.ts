/** Epoch ms as RFC 3339 in UTC with milliseconds. */
export const instant = (at: number): string => new Date(at).toISOString();

export const instantOrNone = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : instant(at);
