import type { OutgoingAction, PublishOutcome } from '@simple-scheduler/engine';
import { describeError } from './amqp-errors.ts';
import { Deadline } from './deadline.ts';
import type { RabbitSettings } from './options.ts';
import type { Fate, Publication } from './publication.ts';
import type { Publisher } from './publisher.ts';
import type { TopologyKeeper } from './topology-keeper.ts';

/** How often one message may fail in one call, by a missing exchange or queue (declared again then) or by its own fault. */
const FAILURES_MAX = 2;

interface Pending {
  readonly index: number;
  readonly publication: Publication;
  failures: number;
}

/**
 * Publishes actions, each topology's in order, topologies beside each other. What was not confirmed is sent again until
 * the deadline, because workers tell copies apart by run and attempt, and nobody could tell a loss.
 */
export class ActionPublisher {
  readonly #publisher: Publisher;
  readonly #keeper: TopologyKeeper;
  readonly #settings: RabbitSettings;
  readonly #running = new Set<Deadline>();

  constructor(publisher: Publisher, keeper: TopologyKeeper, settings: RabbitSettings) {
    this.#publisher = publisher;
    this.#keeper = keeper;
    this.#settings = settings;
  }

  async publish(messages: readonly OutgoingAction[]): Promise<PublishOutcome[]> {
    const outcomes: PublishOutcome[] = messages.map(() => 'unconfirmed');
    const deadline = new Deadline(this.#settings.publishDeadlineMs);
    this.#running.add(deadline);
    const groups = this.#group(messages);
    const publishing = [...groups].map(async (group) => {
      for (const index of await this.#publishGroup(group, messages, deadline)) outcomes[index] = 'confirmed';
    });
    await Promise.all(publishing);
    deadline.clear();
    this.#running.delete(deadline);
    return outcomes;
  }

  /** Ends what is running: what has no answer by now is unconfirmed. */
  giveUp(): void {
    for (const deadline of this.#running) deadline.end();
  }

  #group(messages: readonly OutgoingAction[]): Iterable<Pending[]> {
    const groups = new Map<string, Pending[]>();
    for (const [index, message] of messages.entries()) {
      const publication = this.#write(message);
      if (publication === undefined) continue;
      const pending: Pending = { index, publication, failures: 0 };
      const group = groups.get(message.topology.key);
      if (group === undefined) groups.set(message.topology.key, [pending]);
      else group.push(pending);
    }
    return groups.values();
  }

  #write({ topology, messageId, body }: OutgoingAction): Publication | undefined {
    try {
      return {
        exchange: topology.actionExchange,
        routingKey: body.action,
        content: Buffer.from(JSON.stringify(body)),
        options: { mandatory: true, persistent: true, contentType: 'application/json', messageId },
      };
    } catch (error) {
      this.#settings.log.error({ reason: describeError(error), messageId }, 'a message cannot be written as JSON');
      return undefined;
    }
  }

  /** Returns the indexes of those confirmed. */
  async #publishGroup(group: Pending[], messages: readonly OutgoingAction[], deadline: Deadline): Promise<number[]> {
    const confirmed: number[] = [];
    const topology = messages[group[0]?.index ?? 0]?.topology;
    let pending = group;
    while (topology !== undefined && pending.length > 0 && !deadline.isOver) {
      try {
        await this.#keeper.ensure(topology, deadline);
      } catch {
        break; // the keeper has said why, or the deadline is over
      }
      const fates = await this.#publisher.send(
        pending.map(({ publication }) => publication),
        deadline,
      );
      if (fates.some(isMisrouted)) this.#keeper.doubt(topology.key);
      for (const [i, { index }] of pending.entries()) if (fates[i] === 'confirmed') confirmed.push(index);
      pending = pending.filter((message, i) => this.#isToBeSentAgain(message, fates[i] as Fate));
    }
    return confirmed;
  }

  #isToBeSentAgain(message: Pending, fate: Fate): boolean {
    if (fate === 'held') return true;
    if (isMisrouted(fate) || fate === 'suspect') message.failures++;
    else if (fate !== 'lost') return false;
    if (message.failures >= FAILURES_MAX) return false;
    this.#settings.meter.count('actions_republished_total', 1, { because: fate });
    return true;
  }
}

function isMisrouted(fate: Fate): boolean {
  return fate === 'returned' || fate === 'missing';
}
