import { afterEach, beforeEach } from 'vitest';

/**
 * Registers the hooks that make one for each test, and close it afterwards. What is returned tells that of the running
 * test, and throws while none runs.
 */
export function perTest<T extends { close(): Promise<void> }>(what: string, setup: () => Promise<T>): () => T {
  let current: T | undefined;
  beforeEach(async () => {
    current = await setup();
  });
  afterEach(async () => {
    const ending = current;
    current = undefined;
    await ending?.close();
  });
  return () => {
    if (current === undefined) throw new Error(`the ${what} exists only while a test runs`);
    return current;
  };
}
