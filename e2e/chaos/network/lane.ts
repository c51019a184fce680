import type { Socket } from 'node:net';

/** What happens to bytes on their way. */
export interface LaneState {
  /** Nothing arrives; what was sent meanwhile arrives once this is over, as after lost packets. */
  readonly silent: boolean;
  readonly delayMs: number;
}

interface Item {
  readonly dueAt: number;
  /** `end`: the sender has no more to say. `gone`: it is no longer there. */
  readonly what: Buffer | 'end' | 'gone';
}

/** Bytes in flight past which the sender is held up, as by a full TCP window. */
const WINDOW_BYTES = 1 << 20;

/** One direction of a connection. */
export class Lane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #state: () => LaneState;
  readonly #queue: Item[] = [];
  #queuedBytes = 0;
  #isSinkFull = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, state: () => LaneState) {
    this.#source = source;
    this.#sink = sink;
    this.#state = state;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => this.#take('end'));
    source.on('close', () => this.#take('gone'));
    sink.on('drain', () => {
      this.#isSinkFull = false;
      this.flush();
    });
    sink.on('close', () => clearTimeout(this.#timer));
  }

  /** Sends what may be sent by now. Called again whenever the state changes. */
  flush(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      if (this.#state().silent || this.#isSinkFull || this.#sink.destroyed) return;
      if (item.dueAt > now) {
        this.#timer = setTimeout(() => this.flush(), item.dueAt - now);
        return;
      }
      this.#queue.shift();
      this.#pass(item.what);
    }
  }

  #take(what: Item['what']): void {
    if (what instanceof Buffer) {
      this.#queuedBytes += what.length;
      if (this.#queuedBytes > WINDOW_BYTES) this.#source.pause();
    }
    this.#queue.push({ dueAt: performance.now() + this.#state().delayMs, what });
    this.flush();
  }

  #pass(what: Item['what']): void {
    if (what === 'end') this.#sink.end();
    else if (what === 'gone') this.#sink.destroySoon();
    else {
      this.#queuedBytes -= what.length;
      if (this.#queuedBytes <= WINDOW_BYTES) this.#source.resume();
      this.#isSinkFull = !this.#sink.write(what);
    }
  }
}
