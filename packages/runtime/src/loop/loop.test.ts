import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '@simple-scheduler/engine';
import { TIMER_LIMIT_MS } from './alarm.ts';
import { createLoop } from './loop.ts';
import type { Loop, LoopOptions } from './loop.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

type Line = { level: string; message: string };

function listen(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const write = (level: string) => (_: object, message: string) => void lines.push({ level, message });
  return { log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }, lines };
}

function loopOf(run: LoopOptions['run'], options: Partial<LoopOptions> = {}): Loop {
  return createLoop({
    name: 'test',
    run,
    intervalMs: 1_000,
    clock: { now: () => Date.now() },
    random: { next: () => 0 },
    log: listen().log,
    ...options,
  });
}

/** A turn that ends when told. */
function gate(): { run: () => Promise<void>; open: () => void; turns: () => number } {
  let turns = 0;
  let release = (): void => undefined;
  return {
    run: () => {
      turns += 1;
      return new Promise((resolve) => {
        release = resolve;
      });
    },
    open: () => release(),
    turns: () => turns,
  };
}

describe('when turns begin', () => {
  it('begins at once, then after each interval', async () => {
    const at: number[] = [];
    loopOf(async (now) => void at.push(now - 1_000_000)).start();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(at).toEqual([0, 1_000, 2_000]);
  });

  it('follows the moment that a turn asks for, but never later than the interval', async () => {
    const at: number[] = [];
    const wishes = [1_000_300, 1_009_000, null, 5, null];
    loopOf(async (now) => {
      at.push(now - 1_000_000);
      return wishes.shift() ?? null;
    }).start();
    await vi.advanceTimersByTimeAsync(3_000);
    // The fourth wish lies in the past: the next turn comes at once, after a millisecond of Node's.
    expect(at).toEqual([0, 300, 1_300, 2_300, 2_301]);
  });

  it('reaches beyond what a timer of Node can hold', async () => {
    const at: number[] = [];
    const far = 3 * TIMER_LIMIT_MS + 77;
    loopOf(
      async (now) => {
        at.push(now - 1_000_000);
        return 1_000_000 + far;
      },
      { intervalMs: Infinity },
    ).start();
    await vi.advanceTimersByTimeAsync(far - 1);
    expect(at).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(at.slice(0, 2)).toEqual([0, far]);
  });

  it('waits for ever where nothing is asked for and there is no interval', async () => {
    const run = vi.fn<() => Promise<null>>(async () => null);
    loopOf(run, { intervalMs: Infinity }).start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has one timer however often it is woken, and is not put off by it', async () => {
    const run = vi.fn<() => Promise<void>>(async () => undefined);
    const loop = loopOf(run);
    loop.start();
    await vi.advanceTimersByTimeAsync(10);
    vi.advanceTimersByTime(1);
    for (let i = 0; i < 100; i += 1) loop.wake();
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('does not begin twice', async () => {
    const run = vi.fn<() => Promise<void>>(async () => undefined);
    const loop = loopOf(run);
    loop.start();
    loop.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe('while a turn runs', () => {
  it('no other one begins, and waking gives one more right after', async () => {
    const { run, open, turns } = gate();
    const loop = loopOf(run);
    loop.start();
    await vi.advanceTimersByTimeAsync(5_000);
    loop.wake();
    loop.wake();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(turns()).toBe(1);
    open();
    await vi.advanceTimersByTimeAsync(1);
    expect(turns()).toBe(2);
    open();
    await vi.advanceTimersByTimeAsync(999);
    expect(turns()).toBe(2);
  });

  it('stop waits for it, and nothing comes after', async () => {
    const { run, open, turns } = gate();
    const loop = loopOf(run);
    loop.start();
    await vi.advanceTimersByTimeAsync(1);
    let stopped = false;
    const stopping = loop.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stopped).toBe(false);
    open();
    await stopping;
    loop.wake();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('can be stopped twice, and before it began', async () => {
  const run = vi.fn<() => Promise<void>>(async () => undefined);
  const loop = loopOf(run);
  await Promise.all([loop.stop(), loop.stop()]);
  loop.start();
  loop.wake();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(run).not.toHaveBeenCalled();
});

describe('when turns fail', () => {
  it('tries again after a growing pause up to the cap, also where the call throws at once', async () => {
    const at: number[] = [];
    const run = (): Promise<void> => {
      at.push(Date.now() - 1_000_000);
      throw new Error('away');
    };
    loopOf(run, { backoffCapMs: 500 }).start();
    await vi.advanceTimersByTimeAsync(1_700);
    expect(at).toEqual([0, 100, 300, 700, 1_200, 1_700]);
  });

  it('is not hurried by waking', async () => {
    const run = vi.fn<() => Promise<void>>(async () => {
      throw new Error('away');
    });
    const loop = loopOf(run);
    loop.start();
    await vi.advanceTimersByTimeAsync(50);
    for (let i = 0; i < 10; i += 1) loop.wake();
    await vi.advanceTimersByTimeAsync(49);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('says so once for each kind of error, and once when it is over', async () => {
    const { log, lines } = listen();
    const errors = ['a 1', 'a 2', 'a 3', 'b', 'b'];
    const loop = loopOf(
      async () => {
        const text = errors.shift();
        if (text !== undefined) throw new Error(text);
      },
      { log },
    );
    loop.start();
    await vi.advanceTimersByTimeAsync(200);
    expect(loop.failure()).toBe('a 2');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level} ${message}`)).toEqual([
      'error test failed; trying again',
      'error test failed; trying again',
      'info test works again',
    ]);
    expect(loop.failure()).toBeUndefined();
  });
});
