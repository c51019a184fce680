/**
 * How long to wait before the next attempt after `failures` of them: doubling up to `maxMs`, and between half of that
 * and all of it, so that many processes that lost the broker together do not come back together.
 */
export function backoffMs(failures: number, limits: { firstMs: number; maxMs: number }, random: () => number): number {
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(failures, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}
