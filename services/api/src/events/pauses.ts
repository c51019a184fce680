import { systemPatience } from '@simple-scheduler/runtime';

/** What comes of `source`, and undefined each time that nothing has for so long. */
export async function* withPauses<T>(
  source: AsyncGenerator<T, void>,
  pauseMs: number,
): AsyncGenerator<T | undefined, void> {
  let next = source.next();
  try {
    for (;;) {
      const waited = await systemPatience.within(next, pauseMs);
      if (waited.kind === 'failed') throw waited.error;
      if (waited.kind === 'late') {
        yield undefined;
        continue;
      }
      if (waited.value.done) return;
      yield waited.value.value;
      next = source.next();
    }
  } finally {
    // Whoever leaves does not wait for what is still being read; its end is the source's own concern.
    next.catch(() => {});
    void source.return().catch(() => {});
  }
}
