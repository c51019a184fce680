import { describe, expect, it } from 'vitest';
import { createLog } from '../logging/log.ts';
import { createShutdown } from './shutdown.ts';

function start(timeoutMs: number) {
  const lines: { msg: string; step?: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) };
  const log = createLog({ service: 'scheduler', level: 'error', format: 'json', destination });
  return { shutdown: createShutdown({ log, timeoutMs }), lines };
}

describe('shutdown', () => {
  it('stops in the reverse order, one after the other, once', async () => {
    const { shutdown } = start(5_000);
    const order: string[] = [];
    for (const name of ['store', 'bus', 'loop']) {
      shutdown.add(name, async () => {
        order.push(`${name} begins`);
        await new Promise(setImmediate);
        order.push(`${name} ends`);
      });
    }
    expect(shutdown.signal.aborted).toBe(false);
    const [first, second] = await Promise.all([shutdown.run('SIGTERM'), shutdown.run('again')]);
    expect([first, second, shutdown.signal.aborted]).toEqual([true, true, true]);
    expect(order).toEqual(['loop begins', 'loop ends', 'bus begins', 'bus ends', 'store begins', 'store ends']);
  });

  it('goes on past a step that fails or hangs, and says which', async () => {
    const { shutdown, lines } = start(300);
    const stopped: string[] = [];
    shutdown.add('locks', () => void stopped.push('locks'));
    shutdown.add('hangs', () => new Promise(() => {}));
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    const startedAt = performance.now();
    expect(await shutdown.run('SIGTERM')).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(300 + 100);
    expect(stopped).toEqual(['locks']);
    expect(lines.map(({ msg, step }) => `${step}: ${msg}`)).toEqual([
      'throws: failed to stop; going on',
      'hangs: did not stop in time; going on without it',
    ]);
  });

  it('stops what is added while it runs', async () => {
    const { shutdown } = start(1_000);
    let late = false;
    shutdown.add('first', () => {
      shutdown.add('late', () => {
        late = true;
      });
    });
    await shutdown.run('SIGTERM');
    expect(late).toBe(true);
  });

  it('stops at once what is added when all else has ended', async () => {
    const { shutdown, lines } = start(1_000);
    await shutdown.run('SIGTERM');
    const stopped: string[] = [];
    shutdown.add('database', () => void stopped.push('database'));
    expect(stopped).toEqual(['database']);
    shutdown.add('throws', () => Promise.reject(new Error('no')));
    await expect.poll(() => lines.map(({ step }) => step)).toEqual(['throws']);
  });
});
