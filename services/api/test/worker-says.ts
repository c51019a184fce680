import { applyStatuses, publishOwed } from '@simple-scheduler/engine';
import type { ApiUnderTest } from './api-under-test.ts';

/** What a worker says of a run, applied as a scheduler would that publishes at once what runs owe then. */
export async function workerSays(
  { context }: Pick<ApiUnderTest, 'context'>,
  message: {
    readonly jobName: string;
    readonly runId: string;
    readonly status: string;
    readonly [field: string]: unknown;
  },
): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const exchange = `scheduler.job.${message.jobName}.status`;
  await applyStatuses(context, [{ body, exchange, redelivered: false }], {
    published: (run) => run,
    written: () => {},
    submit: async (runs) => void (await publishOwed(context, runs)),
    cancelAgain: async () => {},
  });
}
