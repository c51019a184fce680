import { SHARED_NAMES } from '@simple-scheduler/contracts';
import type { ConsumeMessage } from 'amqplib';
import { describeError } from './amqp-errors.ts';
import { Deadline } from './deadline.ts';
import type { RabbitSettings } from './options.ts';
import type { Fate, Publication } from './publication.ts';
import type { Publisher } from './publisher.ts';
import type { SharedDeclarations } from './shared-declarations.ts';

/** Of a reason, which may quote the message; a table of headers has little room. */
const REASON_CHARS_MAX = 1_000;

/** Puts messages that nobody can use, whole, where somebody can look at them. */
export class DeadLetters {
  readonly #publisher: Publisher;
  readonly #shared: SharedDeclarations;
  readonly #settings: RabbitSettings;

  constructor(publisher: Publisher, shared: SharedDeclarations, settings: RabbitSettings) {
    this.#publisher = publisher;
    this.#shared = shared;
    this.#settings = settings;
  }

  /** Resolves with whether the queue has it. Never rejects. */
  async bury({ content, fields, properties }: ConsumeMessage, reason: string): Promise<boolean> {
    const publication: Publication = {
      exchange: '',
      routingKey: SHARED_NAMES.deadLetterQueue,
      content,
      options: {
        mandatory: true,
        persistent: true,
        headers: { 'x-reason': reason.slice(0, REASON_CHARS_MAX), 'x-original-exchange': fields.exchange },
        ...(typeof properties.contentType === 'string' ? { contentType: properties.contentType } : {}),
        ...(typeof properties.messageId === 'string' ? { messageId: properties.messageId } : {}),
      },
    };
    const deadline = new Deadline(this.#settings.publishDeadlineMs);
    try {
      let fate = await this.#send(publication, deadline);
      if (fate === 'returned') {
        this.#shared.forget(SHARED_NAMES.deadLetterQueue);
        fate = await this.#send(publication, deadline);
      }
      return fate === 'confirmed';
    } catch (error) {
      this.#settings.log.warn(
        { reason: describeError(error) },
        'a message could not be put into the dead-letter queue',
      );
      return false;
    } finally {
      deadline.clear();
    }
  }

  async #send(publication: Publication, deadline: Deadline): Promise<Fate | undefined> {
    await this.#shared.ensure(SHARED_NAMES.deadLetterQueue);
    const [fate] = await this.#publisher.send([publication], deadline);
    return fate;
  }
}
