import { type ActionMessage, type StatusMessage, statusMessageSchema, topologyFor } from '@simple-scheduler/contracts';
import { createMemoryBroker, type MemoryBroker } from '@simple-scheduler/bus-memory';
import type { WorkerLog } from '../src/index.ts';

export const quiet: WorkerLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `1` → `000000000000000000000001`. */
export function runId(number: number): string {
  return number.toString(16).padStart(24, '0');
}

export function action(number: number, fields: Partial<ActionMessage> = {}): ActionMessage {
  return { jobName: 'a-job', runId: runId(number), action: 'run', attempt: 1, ...fields };
}

export function cancelOf(number: number, fields: Partial<ActionMessage> = {}): ActionMessage {
  return action(number, { ...fields, action: 'cancel' });
}

/** What workers said, in the order in which it came, checked against the contract. */
export class Heard {
  readonly statuses: StatusMessage[] = [];
  readonly heartbeats: Record<string, unknown>[] = [];

  take(kind: 'status' | 'heartbeat', body: Uint8Array): void {
    const json = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    if (kind === 'status') this.statuses.push(statusMessageSchema.parse(json));
    else this.heartbeats.push(json);
  }

  /** `running`, `completed` … of one run. */
  of(number: number): string[] {
    return this.statuses.filter((message) => message.runId === runId(number)).map((message) => message.status);
  }

  lastOf(number: number): StatusMessage | undefined {
    return this.statuses.findLast((message) => message.runId === runId(number));
  }

  with(status: StatusMessage['status']): StatusMessage[] {
    return this.statuses.filter((message) => message.status === status);
  }
}

export interface MemorySide {
  readonly broker: MemoryBroker;
  readonly heard: Heard;
  /** Resolves when the broker has them. */
  send(...actions: readonly ActionMessage[]): Promise<void>;
  sendTo(workQueue: string, ...actions: readonly ActionMessage[]): Promise<void>;
  /** Any bytes, as an action. */
  sendBytes(text: string, routingKey?: string): void;
}

/** The scheduler's end of an in-process broker, for the jobs `names` and the work queue `shared`. */
export async function memorySide(names: readonly string[] = ['a-job']): Promise<MemorySide> {
  const broker = createMemoryBroker({ publishDeadlineMs: 100 });
  const bus = broker.bus();
  await bus.connect();
  await bus.ensureTopology([
    ...names.map((name) => topologyFor({ name })),
    topologyFor({ name: '', workQueue: 'shared' }),
  ]);
  const heard = new Heard();
  for (const kind of ['status', 'heartbeat'] as const) {
    const handler = async (batch: readonly { body: Uint8Array }[]): Promise<{ kind: 'ack' }[]> =>
      batch.map(({ body }) => {
        heard.take(kind, body);
        return { kind: 'ack' };
      });
    await bus.consume(kind, handler, { maxBatch: 100 });
  }
  const publish = async (actions: readonly ActionMessage[], workQueue?: string): Promise<void> => {
    const outcomes = await bus.publishActions(
      actions.map((body) => ({
        topology: topologyFor({ name: body.jobName, workQueue }),
        messageId: `${body.runId}:${body.attempt}:${body.action}`,
        body,
      })),
    );
    if (outcomes.some((outcome) => outcome !== 'confirmed')) throw new Error('not published');
  };
  return {
    broker,
    heard,
    send: (...actions) => publish(actions),
    sendTo: (workQueue, ...actions) => publish(actions, workQueue),
    sendBytes: (text, routingKey = 'run') => {
      const { actionExchange: exchange } = topologyFor({ name: 'a-job' });
      broker.exchanges.publish({ body: new TextEncoder().encode(text), exchange, routingKey });
    },
  };
}
