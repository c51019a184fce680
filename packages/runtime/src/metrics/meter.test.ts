import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMeter } from './meter.ts';
import { METRICS } from './metrics-table.ts';

const root = join(import.meta.dirname, '../../../..');

it('the table of metrics has none that nobody writes', () => {
  const sources = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'));
  const isWritten = (name: string): boolean =>
    sources.some((text) => new RegExp(`\\bmeter\\.(count|gauge|observe)\\(\\s*'${name}'`).test(text));
  expect(Object.keys(METRICS).filter((name) => !isWritten(name))).toEqual([]);
});

it('docs/metrics.md has the whole table', () => {
  const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `simple_scheduler_(\w+)` \| (\w+) \| ([^|]*)\| ([^|]*) \|$/gm)];
  expect(rows.map(([, name, type, labels, help]) => [name, type, labels?.match(/\w+/g) ?? [], help])).toEqual(
    Object.entries(METRICS).map(([name, spec]) => [name, spec.type, spec.labels ?? [], spec.help]),
  );
});

it('docs/metrics.md tells what each label says', () => {
  const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const told = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| `/gm)].map(([, name, label]) => [name, [label]]);
  const labelled = Object.entries(METRICS).filter(([, { labels }]) => labels !== undefined);
  expect(told).toEqual(labelled.map(([name, { labels }]) => [name, labels]));
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
});
