import type { RabbitBus } from '@simple-scheduler/bus-rabbitmq';
import type { Topology } from '@simple-scheduler/contracts';
import type { OutgoingAction } from '@simple-scheduler/engine';

export function action(topology: Topology, number = 1): OutgoingAction {
  const runId = number.toString(16).padStart(24, '0');
  return { topology, messageId: `${runId}:1:run`, body: { jobName: 'a-job', runId, action: 'run' } };
}

/** Collects the run ids of statuses. */
export async function statuses(bus: RabbitBus): Promise<string[]> {
  const heard: string[] = [];
  const take = async (batch: readonly { body: Uint8Array }[]) => {
    heard.push(...batch.map(({ body }) => (JSON.parse(Buffer.from(body).toString()) as { runId: string }).runId));
    return batch.map(() => ({ kind: 'ack' }) as const);
  };
  await bus.consume('status', take, { maxBatch: 100 });
  return heard;
}

export function status(runId: string): Uint8Array {
  return Buffer.from(JSON.stringify({ jobName: 'a-job', runId, status: 'running' }));
}
