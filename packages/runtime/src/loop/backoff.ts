/** Pause before try number `failures + 1`, ms: doubles from `firstMs` up to `capMs`, less up to half by chance. */
export function backoffMs(
  failures: number,
  { firstMs, capMs, chance }: { firstMs: number; capMs: number; chance: number },
): number {
  const full = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 30));
  // Chance keeps processes that lost the same server from coming back in step.
  return Math.round(full * (1 - chance / 2));
}
