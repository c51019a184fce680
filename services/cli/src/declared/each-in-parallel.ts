/** Acts on each, a few at a time; the results come in the order of the things. The first failure ends it. */
export async function eachInParallel<T, R>(
  things: readonly T[],
  act: (thing: T) => Promise<R>,
  most = 8,
): Promise<R[]> {
  const results = Array.from<R>({ length: things.length });
  const entries = things.entries();
  const work = async (): Promise<void> => {
    for (const [index, thing] of entries) results[index] = await act(thing);
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, work));
  return results;
}
