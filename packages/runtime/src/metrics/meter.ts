import type { Log, Meter } from '@simple-scheduler/engine';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { METRICS, METRIC_PREFIX } from './metrics-table.ts';
import type { MetricSpec } from './metrics-table.ts';

/** The engine's `Meter`, and the text that `/metrics` answers with. */
export interface PrometheusMeter extends Meter {
  readonly contentType: string;
  /** All metrics in Prometheus' text format, those of the process included. */
  text(): Promise<string>;
}

type Labels = Readonly<Record<string, string>>;

/** A name that is not in `METRICS` is told once and then dropped: measuring must not break what it measures. */
export function createMeter({ service, log }: { service: string; log: Log }): PrometheusMeter {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const metrics = new Map(Object.entries(METRICS).map(([name, spec]) => [name, register(registry, name, spec)]));
  const unknown = new Set<string>();

  function find<T>(name: string, type: abstract new (...parameters: never[]) => T): T | undefined {
    const metric = metrics.get(name);
    if (metric instanceof type) return metric;
    if (!unknown.has(name)) log.warn({ metric: name, type: type.name }, 'not a metric of that type; dropped');
    unknown.add(name);
    return undefined;
  }

  /** prom-client throws for labels that a metric does not have, and for values that are no numbers. */
  function write(name: string, measure: () => void): void {
    try {
      measure();
    } catch (error) {
      if (!unknown.has(name)) log.warn({ metric: name, error }, 'not a value of that metric; dropped');
      unknown.add(name);
    }
  }

  return {
    count: (name, by = 1, labels: Labels = {}) => write(name, () => find(name, Counter)?.inc(labels, by)),
    gauge: (name, value) => write(name, () => find(name, Gauge)?.set(value)),
    observe: (name, value) => write(name, () => find(name, Histogram)?.observe(value)),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function register(registry: Registry, name: string, spec: MetricSpec): Counter | Gauge | Histogram {
  const options = {
    name: `${METRIC_PREFIX}${name}`,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
  };
  if (spec.type === 'counter') return new Counter(options);
  if (spec.type === 'gauge') return new Gauge(options);
  return new Histogram(spec.buckets === undefined ? options : { ...options, buckets: [...spec.buckets] });
}
