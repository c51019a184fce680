import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@simple-scheduler/client';
import type { Job, Run } from '@simple-scheduler/contracts';
import { SHARED_NAMES } from '@simple-scheduler/contracts';
import { type RabbitmqServer, waitFor } from '@simple-scheduler/testkit';
import { ON_TIME_MS } from '../check/recovery.ts';

const LATE_SHARE_MAX = 0.02;
const PATIENCE_MS = 90_000;

/** Waits until nearly all ticks of the last seconds were dealt with on time; gives how long that took. */
export async function untilOnTime(client: Client): Promise<number> {
  const startedAt = Date.now();
  let seen = 'nothing';
  await waitFor(
    async () => {
      const newest = (await client.runs.list({ limit: 300 })).items.filter(({ trigger }) => trigger === 'schedule');
      const fresh = newest.filter(({ scheduledAt }) => Date.parse(scheduledAt) >= Date.now() - 3_000);
      const late = fresh.filter((run) => Date.parse(run.createdTime) - Date.parse(run.scheduledAt) > ON_TIME_MS);
      seen = `${late.length} of ${fresh.length} late`;
      return fresh.length >= 50 && late.length <= fresh.length * LATE_SHARE_MAX;
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 250, message: () => `ticks to be on time again (${seen})` },
  );
  return Date.now() - startedAt;
}

/** How a job was paused: what the API answered, and when it was asked and had answered. */
export interface Pausing {
  readonly job: Job;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Pauses these jobs, a few at a time. */
export async function pauseAll(client: Client, names: readonly string[]): Promise<Map<string, Pausing>> {
  const pausings = new Map<string, Pausing>();
  const left = names.values();
  const pauseSome = async (): Promise<void> => {
    for (const name of left) {
      const askedAt = Date.now();
      const job = await again(() => client.jobs.pause(name));
      pausings.set(name, { job, askedAt, answeredAt: Date.now() });
    }
  };
  await Promise.all(Array.from({ length: 6 }, pauseSome));
  return pausings;
}

/** Waits until no run is alive and no queue holds anything; gives how many dead letters there are. */
export async function untilDrained(client: Client, rabbitmq: RabbitmqServer): Promise<number> {
  let seen = '';
  const isEmpty = async (): Promise<boolean> => {
    const live = await client.runs.list({ status: ['pending', 'running', 'cancelling'], limit: 500 });
    seen = `${live.items.length} live runs, such as ${JSON.stringify(live.items[0])}`;
    if (live.items.length > 0) return false;
    const full = [...(await queueLengths(rabbitmq))].filter(
      ([name, n]) => n > 0 && name !== SHARED_NAMES.deadLetterQueue,
    );
    seen = `messages in ${JSON.stringify(full)}`;
    return full.length === 0;
  };
  await waitFor(isEmpty, { timeoutMs: PATIENCE_MS, intervalMs: 500, message: () => `the system to drain: ${seen}` });
  return (await queueLengths(rabbitmq)).get(SHARED_NAMES.deadLetterQueue) ?? 0;
}

async function queueLengths(rabbitmq: RabbitmqServer): Promise<Map<string, number>> {
  const lines = (await rabbitmq.control('list_queues', '--no-table-headers', 'name', 'messages')).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [name = '', count] = line.split('\t');
      return [name, Number(count)];
    }),
  );
}

/** Every run there is. */
export async function allRuns(client: Client): Promise<Run[]> {
  return again(() => Array.fromAsync(client.runs.each({ limit: 500 })));
}

/** When all is healed there must be an answer, if not at once. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() - startedAt > PATIENCE_MS) throw error;
      await sleep(500);
    }
  }
}
