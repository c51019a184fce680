import { openRabbitBus, type RabbitBus } from '@simple-scheduler/bus-rabbitmq';
import { busSuite, type BusHarness, type RawWorker } from '@simple-scheduler/conformance';
import { createVhost, type RabbitmqServer, startRabbitmq } from '@simple-scheduler/testkit';
import { afterAll, beforeAll } from 'vitest';
import { deadLetters, publishControl, rawWorker } from './raw-worker.ts';

const PREFETCH = 500;

let server: RabbitmqServer; // its own, because the suite restarts it

beforeAll(async () => {
  server = await startRabbitmq();
});

afterAll(async () => {
  await server.remove();
});

async function setup(): Promise<BusHarness> {
  const vhost = await createVhost(server);
  const endpoints: RabbitBus[] = [];
  const workers: RawWorker[] = [];
  const endpoint = async (): Promise<RabbitBus> => {
    const bus = openRabbitBus({ url: vhost.url, prefetch: PREFETCH, retryDelayMs: 50, publishDeadlineMs: 5_000 });
    endpoints.push(bus);
    await bus.connect({ timeoutMs: 10_000 });
    return bus;
  };
  return {
    bus: await endpoint(),
    prefetch: PREFETCH,
    endpoint,
    rawWorker: async (topology) => {
      const worker = await rawWorker(vhost.url, topology);
      workers.push(worker);
      return worker;
    },
    deadLetters: () => deadLetters(vhost.url),
    publishControl: (body) => publishControl(vhost.url, body),
    restartBroker: () => server.restart(),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.die().catch(() => {}))); // some died in their test
      await Promise.all(endpoints.map((bus) => bus.close()));
      await vhost.remove();
    },
  };
}

busSuite('rabbitmq', setup);
