import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMeter } from './meter.ts';
import { METRICS } from './metrics-table.ts';

const root = join(import.meta.dirname, '../../../..');
const TYPE_OF = { count: 'counter', gauge: 'gauge', observe: 'histogram' } as const;

/** Each `meter.count('name', …)` in the sources of packages and services. */
function uses(): { file: string; call: keyof typeof TYPE_OF; name: string }[] {
  const files = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root });
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\bmeter\??\.(count|gauge|observe)\(\s*'([^']*)'/g)].map(
        ([, call, name]) => ({ file, call: call as keyof typeof TYPE_OF, name: name ?? '' }),
      ),
    );
}

describe('the table of metrics', () => {
  it('has every metric that the sources write, with its type', () => {
    const wrong = uses().filter(({ call, name }) => METRICS[name]?.type !== TYPE_OF[call]);
    expect(wrong).toEqual([]);
  });

  it('has none that nobody writes', () => {
    const written = new Set(uses().map(({ name }) => name));
    expect(Object.keys(METRICS).filter((name) => !written.has(name))).toEqual([]);
  });
});

describe('the meter', () => {
  it('drops names that it does not know, says so once, and goes on', async () => {
    const warnings: object[] = [];
    const log = {
      debug: () => {},
      info: () => {},
      warn: (fields: object) => void warnings.push(fields),
      error: () => {},
    };
    const meter = createMeter({ service: 'scheduler', log });
    meter.count('no_such_total');
    meter.count('no_such_total');
    meter.gauge('runs_ended_total', 1);
    expect(warnings).toEqual([
      { metric: 'no_such_total', type: 'Counter' },
      { metric: 'runs_ended_total', type: 'Gauge' },
    ]);
    expect(await meter.text()).not.toContain('no_such_total');
  });
});
