/** What a search found: the largest size that was sustained, and all that was tried on the way. */
export interface Limit<T> {
  /** 0: not even the least was. */
  readonly size: number;
  /** True where the bound of the search was sustained: the limit is that or more. */
  readonly isBound: boolean;
  readonly tried: readonly Tried<T>[];
}

export interface Tried<T> {
  readonly size: number;
  readonly sustained: boolean;
  readonly result: T;
}

export interface LimitSearch {
  readonly start: number;
  /** Nothing larger is tried. */
  readonly bound: number;
  /** The answer is at most this much (a share of itself) below the least size that was not sustained. */
  readonly resolution: number;
}

/**
 * Looks for the largest size that is sustained: doubles while it is, halves while it is not, then halves the distance
 * between the two. Takes for granted that what is sustained is so at each smaller size too.
 */
export async function searchLimit<T>(
  { start, bound, resolution }: LimitSearch,
  attempt: (size: number) => Promise<{ sustained: boolean; result: T }>,
): Promise<Limit<T>> {
  const tried: Tried<T>[] = [];
  const sustains = async (size: number): Promise<boolean> => {
    const { sustained, result } = await attempt(size);
    tried.push({ size, sustained, result });
    return sustained;
  };
  let [good, bad] = [0, Number.POSITIVE_INFINITY];
  for (let size = Math.min(start, bound); size > good && size < bad; ) {
    if (await sustains(size)) good = size;
    else bad = size;
    if (good === bound) return { size: good, isBound: true, tried };
    if (bad === Number.POSITIVE_INFINITY) size = Math.min(bound, good * 2);
    else if (good === 0) size = Math.floor(bad / 2);
    else size = bad - good <= Math.max(1, good * resolution) ? good : Math.round((good + bad) / 2);
  }
  return { size: good, isBound: false, tried };
}
