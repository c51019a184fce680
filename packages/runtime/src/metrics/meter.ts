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
type Write = (value: number, labels: Labels) => void;

/**
 * Between two looks at how late the event loop is. At prom-client's usual 10 ms they are half of what an idle process does;
 * each look counts the time since the one before, so that the percentiles are about this much where nothing is late.
 */
const EVENT_LOOP_LOOK_MS = 100;

/** What a metric does not take is told once and then dropped: measuring must not break what it measures. */
export function createMeter({ service, log }: { service: string; log: Log }): PrometheusMeter {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  const metrics = new Map(Object.entries(METRICS).map(([name, spec]) => [name, register(registry, name, spec)]));
  const told = new Set<string>();

  /** prom-client throws for labels that a metric does not have, and for values that are no numbers. */
  function write(name: keyof typeof METRICS, value: number, labels: Labels = {}): void {
    try {
      metrics.get(name)?.(value, labels);
    } catch (error) {
      if (!told.has(name)) log.warn({ metric: name, error }, 'not a value of that metric; dropped');
      told.add(name);
    }
  }

  return {
    count: (name, by = 1, labels = {}) => write(name, by, labels),
    gauge: (name, value) => write(name, value),
    observe: (name, value) => write(name, value),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function register(registry: Registry, name: string, spec: MetricSpec): Write {
  const options = {
    name: `${METRIC_PREFIX}${name}`,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
  };
  if (spec.type === 'counter') {
    const counter = new Counter(options);
    return (by, labels) => counter.inc(labels, by);
  }
  if (spec.type === 'gauge') {
    const gauge = new Gauge(options);
    return (value) => gauge.set(value);
  }
  const histogram = new Histogram(spec.buckets === undefined ? options : { ...options, buckets: [...spec.buckets] });
  return (value) => histogram.observe(value);
}
