import type { Topology } from '@simple-scheduler/contracts';
import type { Channel } from 'amqplib';
import { UnroutableError } from '../transport.ts';
import type { Link } from './link.ts';
import { isNotFound } from './not-found.ts';

/** A deleted job is looked for at most this often, however many ask. */
const RECHECK_MS = 1_000;

/**
 * Declares what a worker may: the three exchanges of a topology and its action queue, each connection anew, since the
 * broker may have lost them in between. What the broker has deleted under our eyes is another matter: that job is gone,
 * and declaring it again would leave its remains for ever. It is then only looked for, until somebody has declared it.
 */
export class TopologyKeeper {
  readonly #link: Link;
  readonly #declared = new Set<string>();
  readonly #gone = new Map<string, { checkedAt: number }>();
  readonly #pending = new Map<string, Promise<void>>();
  readonly #listeners = new Set<(topology: Topology) => void>();
  #connection = 0;

  constructor(link: Link) {
    this.#link = link;
    link.onStateChange((state) => {
      if (state !== 'connecting') return;
      this.#connection++;
      this.#declared.clear();
      this.#pending.clear();
    });
  }

  /** Calls back when a topology is known to be there: declared by us, or found again. */
  onThere(listener: (topology: Topology) => void): void {
    this.#listeners.add(listener);
  }

  /** @throws UnroutableError where it was deleted and is not back, or what the broker answered. */
  async ensure(topology: Topology): Promise<void> {
    const { key } = topology;
    if (this.#declared.has(key)) return;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const declaring = this.#declare(topology, this.#connection).finally(() => {
      if (this.#pending.get(key) === declaring) this.#pending.delete(key);
    });
    this.#pending.set(key, declaring);
    return declaring;
  }

  /** The broker has said that something of it does not exist any more. */
  markGone(topology: Topology): void {
    this.#declared.delete(topology.key);
    if (!this.#gone.has(topology.key)) this.#gone.set(topology.key, { checkedAt: Number.NEGATIVE_INFINITY });
  }

  async #declare(topology: Topology, connection: number): Promise<void> {
    const gone = this.#gone.get(topology.key);
    if (gone !== undefined && performance.now() - gone.checkedAt < RECHECK_MS) throw goneError(topology);
    const model = await this.#link.whenUp();
    // A channel for this alone: the broker answers a refusal by closing it.
    const channel = await model.createChannel();
    channel.on('error', () => {});
    try {
      await (gone === undefined ? declare(channel, topology) : check(channel, topology));
    } catch (error) {
      if (gone === undefined || !isNotFound(error)) throw error;
      gone.checkedAt = performance.now();
      throw goneError(topology);
    } finally {
      channel.close().catch(() => {});
    }
    this.#gone.delete(topology.key);
    if (connection === this.#connection) this.#declared.add(topology.key);
    for (const listener of this.#listeners) listener(topology);
  }
}

function goneError(topology: Topology): UnroutableError {
  return new UnroutableError(`${topology.actionQueue} has been deleted`);
}

function exchangesOf({ actionExchange, statusExchange, heartbeatExchange }: Topology): readonly string[] {
  return [actionExchange, statusExchange, heartbeatExchange];
}

async function declare(channel: Channel, topology: Topology): Promise<void> {
  for (const exchange of exchangesOf(topology)) await channel.assertExchange(exchange, 'topic', { durable: true });
  await channel.assertQueue(topology.actionQueue, { durable: true });
  await channel.bindQueue(topology.actionQueue, topology.actionExchange, '#');
}

async function check(channel: Channel, topology: Topology): Promise<void> {
  for (const exchange of exchangesOf(topology)) await channel.checkExchange(exchange);
  await channel.checkQueue(topology.actionQueue);
}
