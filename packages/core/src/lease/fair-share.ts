/**
 * How many jobs a scheduler should hold. Everyone computes the same shares from the same picture; a picture that
 * differs only costs a hand-over, as taking is exclusive in the store.
 */

export interface ShareInput {
  /** Jobs that can be held. */
  readonly totalJobs: number;
  /** Most jobs of each live manager, 0: no limit. */
  readonly limits: readonly number[];
  /** The asking manager's own limit. */
  readonly ownLimit: number;
}

/**
 * The asking manager's fair share: jobs ÷ managers, where managers at their limit leave the rest to the others
 * (max-min fairness by progressive filling). Rounded up, so that nothing stays unheld for rounding's sake.
 */
export function fairShare(input: ShareInput): number {
  const capacities = input.limits
    .map((limit) => (limit === 0 ? Number.POSITIVE_INFINITY : limit))
    .sort((a, b) => a - b);
  let jobs = input.totalJobs;
  let managers = capacities.length;
  let share = managers === 0 ? jobs : jobs / managers;
  for (const capacity of capacities) {
    if (capacity >= share) break;
    jobs -= capacity;
    managers -= 1;
    share = managers === 0 ? Number.POSITIVE_INFINITY : jobs / managers;
  }
  const own = input.ownLimit === 0 ? Number.POSITIVE_INFINITY : input.ownLimit;
  return Math.min(own, Math.max(Math.ceil(share), 0));
}
