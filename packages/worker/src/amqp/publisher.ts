import type { Topology } from '@simple-scheduler/contracts';
import type { ConfirmChannel } from 'amqplib';
import type { WorkerLog } from '../log.ts';
import { UnroutableError } from '../transport.ts';
import type { Link } from './link.ts';
import { missingExchange } from './not-found.ts';
import { StandingChannel } from './standing-channel.ts';
import type { TopologyKeeper } from './topology-keeper.ts';

/**
 * Publishes with confirms. Without a time limit: a connection that is blocked answers when it is blocked no more, one
 * that died is noticed by its heartbeats, and a message given up meanwhile would only be sent twice.
 */
export class Publisher {
  readonly #keeper: TopologyKeeper;
  readonly #standing: StandingChannel<ConfirmChannel>;
  readonly #returned = new Set<string>();
  readonly #topologies = new Map<string, Topology>();
  #sequence = 0;

  constructor({
    link,
    keeper,
    log,
  }: { readonly link: Link; readonly keeper: TopologyKeeper; readonly log: WorkerLog }) {
    this.#keeper = keeper;
    this.#standing = new StandingChannel(
      link,
      {
        purpose: 'statuses',
        open: (model) => model.createConfirmChannel(),
        setUp: async (channel) => {
          this.#returned.clear();
          channel.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
        },
        onError: (error) => this.#noticeMissing(error),
      },
      log,
    );
  }

  async publish(kind: 'status' | 'heartbeat', topology: Topology, body: Uint8Array): Promise<void> {
    const exchange = kind === 'status' ? topology.statusExchange : topology.heartbeatExchange;
    this.#topologies.set(exchange, topology);
    const open = await this.#standing.whenOpen();
    await this.#keeper.ensure(topology);
    const channel = this.#standing.channel ?? open;
    const messageId = String(this.#sequence++);
    await new Promise<void>((resolve, reject) => {
      channel.publish(
        exchange,
        kind,
        Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        // A heartbeat that nobody hears is missed by nobody.
        { persistent: true, contentType: 'application/json', messageId, mandatory: kind === 'status' },
        (error) => {
          // The broker returns what it cannot route before it confirms it.
          const isReturned = this.#returned.delete(messageId);
          if (error !== null) reject(error instanceof Error ? error : new Error(String(error)));
          else if (isReturned) reject(new UnroutableError(`no queue is bound to ${exchange}`));
          else resolve();
        },
      );
    });
  }

  /** A publication into an exchange that does not exist costs the channel, and all that was under way on it. */
  #noticeMissing(error: Error): void {
    const name = missingExchange(error);
    const topology = name === undefined ? undefined : this.#topologies.get(name);
    if (topology !== undefined) this.#keeper.markGone(topology);
  }
}
