/** Remembers the `capacity` most recently used values of a pure function. */
export function boundedCache<V>(capacity: number, create: (key: string) => V): (key: string) => V {
  // A Map iterates in insertion order, so re-inserting on use keeps its first key the one unused for longest.
  const entries = new Map<string, V>();
  return (key) => {
    const known = entries.get(key);
    if (known !== undefined) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const created = create(key);
    entries.set(key, created);
    if (entries.size > capacity) {
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    }
    return created;
  };
}
