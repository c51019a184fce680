import { topologyFor, type ControlMessage, type Topology } from '@simple-scheduler/contracts';
import type {
  BatchHandler,
  Consumption,
  IncomingMessage,
  MessageBus,
  OutgoingAction,
  Settlement,
} from '@simple-scheduler/engine';
import { expect } from 'vitest';
import type { RawAction, RawWorker } from './harness.ts';

/** How long anything may take before a test gives up. */
export const PATIENCE_MS = 20_000;

export const ACK: Settlement = { kind: 'ack' };

export function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

export function text(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** Run ids that differ in their number. */
export function runId(number: number): string {
  return number.toString(16).padStart(24, '0');
}

export function runAction(topology: Topology, number: number, action: 'run' | 'cancel' = 'run'): OutgoingAction {
  const id = runId(number);
  return { topology, messageId: `${id}:1:${action}`, body: { jobName: 'a-job', runId: id, action, attempt: 1 } };
}

export function runActions(topology: Topology, count: number, from = 0): OutgoingAction[] {
  return Array.from({ length: count }, (_, i) => runAction(topology, from + i));
}

export function status(number: number, more: object = {}): Uint8Array {
  return bytes({ jobName: 'a-job', runId: runId(number), status: 'completed', ...more });
}

export function idOf(message: { readonly body: Uint8Array }): string {
  return (JSON.parse(text(message.body)) as { runId: string }).runId;
}

/** Waits until `look` gives `expected`. */
export async function eventually<T>(look: () => T | Promise<T>, expected: T): Promise<void> {
  await expect.poll(look, { timeout: PATIENCE_MS, interval: 10 }).toEqual(expected);
}

/** Waits until `isSo` is true. */
export async function eventuallyTrue(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(isSo, true);
}

export interface Heard {
  readonly consumption: Consumption;
  readonly batches: IncomingMessage[][];
  readonly messages: IncomingMessage[];
  ids(): string[];
}

/** Consumes a shared queue and keeps what comes. Without `answer` everything is acknowledged. */
export async function hear(
  bus: MessageBus,
  kind: 'status' | 'heartbeat',
  { answer, maxBatch = 100 }: { answer?: BatchHandler; maxBatch?: number } = {},
): Promise<Heard> {
  const batches: IncomingMessage[][] = [];
  const messages: IncomingMessage[] = [];
  const consumption = await bus.consume(
    kind,
    async (batch) => {
      batches.push([...batch]);
      messages.push(...batch);
      return answer === undefined ? batch.map(() => ACK) : answer(batch);
    },
    { maxBatch },
  );
  return { consumption, batches, messages, ids: () => messages.map(idOf) };
}

/** Lets the worker take actions, acknowledging each, and keeps them. */
export async function takeActions(worker: RawWorker, options?: { prefetch?: number }): Promise<RawAction[]> {
  const taken: RawAction[] = [];
  await worker.consume((action) => {
    taken.push(action);
    action.ack();
  }, options);
  return taken;
}

export async function hearControl(bus: MessageBus): Promise<{ consumption: Consumption; messages: ControlMessage[] }> {
  const messages: ControlMessage[] = [];
  const consumption = await bus.onControl((message) => messages.push(message));
  return { consumption, messages };
}

/** A promise that the test settles. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

export const JOB: Topology = topologyFor({ name: 'a-job' });
export const OTHER_JOB: Topology = topologyFor({ name: 'another.job_2' });
