import { UnstorableError } from '../ports/index.ts';

/** By key, why what belongs to it can never be applied, however often it is tried. */
export type Hopeless = ReadonlyMap<string, Error>;

/**
 * Applies a part of a batch. What can never be applied must not keep the rest from it: where the part fails for a reason that lies in
 * what it holds, its halves are tried, and so on. What a store that is away, or that refuses everything, has failed with is thrown:
 * all waits for it.
 */
export async function applyIsolated<T>(
  part: readonly (readonly [string, T])[],
  apply: (part: readonly (readonly [string, T])[]) => Promise<void>,
): Promise<Hopeless> {
  try {
    await apply(part);
    return new Map();
  } catch (error) {
    if (!liesInARecord(error)) throw error;
    const [first] = part;
    if (first !== undefined && part.length === 1) return new Map([[first[0], error]]);
    const middle = Math.ceil(part.length / 2);
    const hopeless = await applyIsolated(part.slice(0, middle), apply);
    return new Map([...hopeless, ...(await applyIsolated(part.slice(middle), apply))]);
  }
}

/** An error of the code itself proves nothing against one record while no other goes through: then it is thrown. */
export function throwUnlessProved(hopeless: Hopeless, applied: number): void {
  if (applied > 0) return;
  for (const error of hopeless.values()) if (!(error instanceof UnstorableError)) throw error;
}

/** A record that no store takes, or one that the code fails on. */
function liesInARecord(error: unknown): error is Error {
  return error instanceof UnstorableError || error instanceof TypeError || error instanceof RangeError;
}
