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

it('docs/metrics.md has the whole table', () => {
  const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `simple_scheduler_(\w+)` \| (\w+) \| ([^|]*)\| ([^|]*) \|$/gm)];
  expect(rows.map(([, name, type, labels, help]) => [name, type, labels?.match(/\w+/g) ?? [], help])).toEqual(
    Object.entries(METRICS).map(([name, spec]) => [name, spec.type, spec.labels ?? [], spec.help]),
  );
});

describe('the meter', () => {
  it('drops labels and values that a metric does not take, and goes on', async () => {
    const warnings: string[] = [];
    const warn = (_: object, message: string): void => void warnings.push(message);
    const meter = createMeter({
      service: 'scheduler',
      log: { debug: () => {}, info: () => {}, warn, error: () => {} },
    });
    meter.count('runs_ended_total', 1, { colour: 'red' });
    meter.count('runs_ended_total', 1, { colour: 'red' });
    meter.observe('tick_lateness_ms', Number.NaN);
    meter.count('runs_ended_total', 3, { status: 'failed' });
    expect(warnings[0]).toBe('not a value of that metric; dropped');
    expect(await meter.text()).toContain('status="failed",service="scheduler"} 3');
  });

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
