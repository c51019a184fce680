import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { waitFor } from '@simple-scheduler/testkit';
import { expect, it } from 'vitest';
import { install } from './support/installation.ts';
import { allRuns, faultsOfLedger } from './support/ledger.ts';
import { startPlainWorker } from './support/plain-worker.ts';

const JOBS = 200;
const HEARTBEAT_TIMEOUT_MS = 4_000;
const CLEANUP_INTERVAL_MS = 1_000;

it('goes on without a lost or doubled tick when a scheduler of two is killed', async () => {
  await using system = await install({
    mongodb: await sharedMongodb(),
    rabbitmq: await sharedRabbitmq(),
    schedulers: 2,
    settings: {
      SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT: String(HEARTBEAT_TIMEOUT_MS),
      SIMPLE_SCHEDULER_CLEANUP_INTERVAL: String(CLEANUP_INTERVAL_MS),
    },
  });
  const names = Array.from({ length: JOBS }, (_, i) => `tick-${i}`);
  await using worker = await startPlainWorker({ url: system.amqpUrl, jobs: names });
  for (const name of names) await system.client.jobs.create({ name, interval: 1_000, allowConcurrentRuns: true });

  const seen = (): Set<string> => new Set(worker.receipts.map((receipt) => receipt.jobName));
  await waitFor(() => seen().size === JOBS, {
    timeoutMs: 20_000,
    message: () => `${seen().size} of ${JOBS} jobs to run`,
  });
  const holders = new Set((await Array.fromAsync(system.client.jobs.each({ limit: 500 }))).map((job) => job.managerId));
  expect(holders.size, 'both schedulers hold jobs').toBe(2);

  const [victim] = system.schedulers.splice(0, 1);
  const killedAt = Date.now();
  await victim?.kill();
  const boundMs = HEARTBEAT_TIMEOUT_MS + 2 * CLEANUP_INTERVAL_MS + 1_500;
  // Every job runs again within the bound: its latest tick is one from after the kill.
  const late = (): string[] => {
    const latest = new Map<string, number>();
    for (const { jobName, scheduledAt } of worker.receipts)
      latest.set(jobName, Math.max(latest.get(jobName) ?? 0, Date.parse(scheduledAt ?? '')));
    return names.filter((name) => (latest.get(name) ?? 0) < killedAt + 1_000);
  };
  await waitFor(() => late().length === 0, { timeoutMs: boundMs, message: () => `${late().length} jobs to run again` });

  const lastTick = Date.now() + 2_000;
  await waitFor(() => worker.receipts.some((receipt) => Date.parse(receipt.scheduledAt ?? '') > lastTick), {
    message: 'two more seconds',
  });
  for (const name of names) {
    const runs = await allRuns(system.client, name);
    expect(faultsOfLedger(runs, 1_000), name).toEqual({ missing: [], doubled: [] });
    expect(runs.length).toBeGreaterThan(5);
  }
  // What was received was received once: nothing went wrong that would justify a second delivery, except at the kill.
  const deliveries = new Map<string, number>();
  for (const { runId, attempt } of worker.receipts)
    deliveries.set(`${runId}:${attempt}`, (deliveries.get(`${runId}:${attempt}`) ?? 0) + 1);
  const doubled = [...deliveries.values()].filter((count) => count > 1).length;
  expect(doubled).toBeLessThanOrEqual(JOBS);
});
