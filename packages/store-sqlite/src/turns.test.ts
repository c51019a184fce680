import { describe, expect, it } from 'vitest';
import { inTurns } from './turns.ts';

const busy = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe('calls in turns', () => {
  it('let timers and sockets in between long calls', async () => {
    const { work } = inTurns({
      async work() {
        busy(5);
      },
    });
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    for (let i = 0; i < 20; i += 1) await work();
    counting = false;
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('cost no turn while they are short', async () => {
    const { work } = inTurns({ work: async (n: number) => n * 2 });
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    expect(await work(21)).toBe(42);
    expect(turned).toBe(false);
  });

  it('pass on what a call rejects with', async () => {
    const { work } = inTurns({
      async work() {
        throw new Error('broken');
      },
    });
    await expect(work()).rejects.toThrow('broken');
  });
});
