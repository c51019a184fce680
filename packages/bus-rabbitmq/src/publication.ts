import type { Options } from 'amqplib';
import type { Deadline } from './deadline.ts';

export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly options: Options.Publish;
}

/**
 * What became of a publication.
 * - `confirmed`: the broker has it in at least one queue.
 * - `returned`: the exchange took it nowhere. `missing`: there is no such exchange.
 * - `lost`: the channel ended before the broker answered, and not because of this one; the broker may have it.
 * - `suspect`: the broker closed the channel for a fault that may be in this one.
 * - `held`: not sent, because one before it in the same batch was not confirmed.
 * - `refused`: the broker took no responsibility, or the client could not write it.
 * - `late`: the deadline came first.
 */
export type Fate = 'confirmed' | 'returned' | 'missing' | 'lost' | 'suspect' | 'held' | 'refused' | 'late';

/** Publications in order: once one of them fails, those not sent yet are held back so that they cannot overtake it. */
export class PublicationBatch {
  readonly publications: readonly Publication[];
  readonly settled: Promise<Fate[]>;
  readonly #fates: Fate[];
  readonly #resolve: (fates: Fate[]) => void;
  readonly #stopWaiting: () => void;
  #next = 0;
  #outstanding = 0;
  #isBroken = false;
  #isOver = false;

  /** `onLate` is called when the deadline ends the batch, with the number of its messages that are still outstanding. */
  constructor(publications: readonly Publication[], deadline: Deadline, onLate: (outstanding: number) => void) {
    this.publications = publications;
    this.#fates = publications.map(() => 'late');
    const { promise, resolve } = Promise.withResolvers<Fate[]>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#stopWaiting = deadline.onEnd(() => {
      if (this.#isOver) return;
      this.#isOver = true;
      onLate(this.#outstanding);
      resolve(this.#fates);
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The index of the next one to send; undefined where there is none. */
  takeNext(): number | undefined {
    if (this.#isOver || this.#isBroken || this.#next >= this.publications.length) return undefined;
    this.#outstanding++;
    return this.#next++;
  }

  /** Of one that was taken. */
  settle(index: number, fate: Fate): void {
    if (this.#isOver) return;
    this.#outstanding--;
    this.#fates[index] = fate;
    if (fate !== 'confirmed' && fate !== 'refused') this.#isBroken = true;
    this.finishIfDone();
  }

  /** Resolves the batch where nothing is left to send or to wait for. */
  finishIfDone(): void {
    const isSent = this.#isBroken || this.#next >= this.publications.length;
    if (this.#isOver || !isSent || this.#outstanding > 0) return;
    for (let i = this.#next; i < this.#fates.length; i++) this.#fates[i] = 'held';
    this.#isOver = true;
    this.#stopWaiting();
    this.#resolve(this.#fates);
  }
}
