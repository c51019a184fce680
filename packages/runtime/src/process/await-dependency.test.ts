import { describe, expect, it } from 'vitest';
import { createReadiness } from '../health/readiness.ts';
import { awaitConnection, awaitDependency } from './await-dependency.ts';

function world() {
  const lines: string[] = [];
  const write = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const readiness = createReadiness();
  const abort = new AbortController();
  const context = {
    log: { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') },
    random: { next: () => 0 },
    readiness,
    signal: abort.signal,
    backoffCapMs: 5,
  };
  return { lines, readiness, abort, context };
}

describe('awaiting a dependency', () => {
  it('tries until it is there, says so twice in all, and shows it as not ready meanwhile', async () => {
    const { lines, readiness, context } = world();
    let tries = 0;
    const seen: unknown[] = [];
    const value = await awaitDependency(
      {
        name: 'database',
        attempt: async () => {
          tries += 1;
          seen.push((await readiness.report()).checks['database']);
          if (tries < 4) throw new Error('refused');
          return 'here';
        },
      },
      context,
    );
    expect(value).toBe('here');
    expect(seen.slice(0, 2)).toEqual([
      { ok: false, reason: 'waiting for the database' },
      { ok: false, reason: 'waiting for the database: refused' },
    ]);
    expect((await readiness.report()).ready).toBe(true);
    expect(lines).toEqual([
      'error connecting to the database failed; trying again',
      'info connecting to the database works again',
    ]);
  });

  it('ends at once when the process is asked to stop', async () => {
    const { abort, context } = world();
    const attempt = (): Promise<never> => {
      setImmediate(() => abort.abort(new Error('stopping: SIGTERM')));
      return Promise.reject(new Error('refused'));
    };
    await expect(awaitDependency({ name: 'database', attempt }, { ...context, backoffCapMs: 60_000 })).rejects.toThrow(
      'stopping: SIGTERM',
    );
  });

  it('says nothing of an attempt that the end of the process has cut off', async () => {
    const { lines, abort, context } = world();
    const attempt = (): Promise<never> => {
      abort.abort(new Error('stopping: SIGTERM'));
      return Promise.reject(new Error('closed'));
    };
    await expect(awaitDependency({ name: 'database', attempt }, context)).rejects.toThrow('stopping: SIGTERM');
    expect(lines).toEqual([]);
  });

  it('does not wait for what waiting cannot cure', async () => {
    const hopeless = Object.assign(new Error('not a database'), { retryable: false });
    const attempt = (): Promise<never> => Promise.reject(hopeless);
    await expect(awaitDependency({ name: 'database', attempt }, world().context)).rejects.toThrow('not a database');
  });
});

it('awaits the first connection of one and the same bus', async () => {
  const { lines, readiness, context } = world();
  let tries = 0;
  const connect = async (): Promise<void> => {
    tries += 1;
    if (tries < 3) throw new Error('not reached');
  };
  await awaitConnection({ connect }, context);
  expect(tries).toBe(3);
  expect((await readiness.report()).checks).toEqual({ 'message bus': { ok: true } });
  expect(lines).toEqual([
    'error connecting to the message bus failed; trying again',
    'info connecting to the message bus works again',
  ]);
});
