import { busSuite, type BusHarness, type RawWorker } from '@simple-scheduler/conformance';
import { SHARED_NAMES, type Topology } from '@simple-scheduler/contracts';
import { type Attachment, createMemoryBroker, type MemoryBroker, type MemoryQueue } from './index.ts';

const PREFETCH = 500;
const RETRY_DELAY_MS = 20;
/** What was to be delivered again comes due while the broker is away, and whoever publishes meets the outage. */
const OUTAGE_MS = 50;

async function setup(): Promise<BusHarness> {
  const broker = createMemoryBroker({ prefetch: PREFETCH, retryDelayMs: RETRY_DELAY_MS, publishDeadlineMs: 2_000 });
  const endpoint = async () => {
    const bus = broker.bus();
    await bus.connect();
    return bus;
  };
  return {
    bus: await endpoint(),
    prefetch: PREFETCH,
    endpoint,
    rawWorker: async (topology) => rawWorker(broker, topology),
    deadLetters: async () => broker.deadLetters(),
    publishControl: async (body) => {
      broker.exchanges.publish({ body, exchange: SHARED_NAMES.controlExchange, routingKey: '' });
    },
    restartBroker: async () => {
      broker.interrupt();
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      broker.resume();
    },
    close: async () => {},
  };
}

/** A client that uses the broker's exchanges and queues directly. */
function rawWorker({ exchanges }: MemoryBroker, topology: Topology): RawWorker {
  const attachments: Attachment[] = [];
  const declare = (): MemoryQueue => exchanges.declareForWorkers(topology);
  return {
    declare: async () => {
      declare();
    },
    consume: async (onAction, { prefetch = 100 } = {}) => {
      const attachment = declare().attach({
        prefetch,
        onDelivery: ({ message, redelivered, ack }) =>
          onAction({
            body: message.body,
            routingKey: message.routingKey,
            messageId: message.messageId,
            contentType: 'application/json',
            isPersistent: true,
            redelivered,
            ack,
          }),
      });
      attachments.push(attachment);
    },
    hearCancels: async (onCancel) => {
      const queue = exchanges.declareQueue();
      exchanges.bind(queue, topology.actionExchange, 'cancel');
      const attachment = queue.attach({
        prefetch: 100,
        onDelivery: ({ message, ack }) => {
          ack();
          onCancel(message.body);
        },
      });
      attachments.push(attachment);
    },
    publish: async (kind, body) => {
      const exchange = kind === 'status' ? topology.statusExchange : topology.heartbeatExchange;
      exchanges.publish({ body, exchange, routingKey: 'anything' });
    },
    queuedActions: async () => declare().readyCount,
    deleteExchange: async (name) => exchanges.deleteExchange(name),
    deleteQueue: async (name) => exchanges.deleteQueue(name),
    exchangeExists: async (name) => exchanges.hasExchange(name),
    die: async () => {
      for (const attachment of attachments) attachment.detach();
    },
  };
}

busSuite('memory', setup);
