export interface Beat {
  readonly progress?: number;
  readonly message?: string;
}

export interface PulseOptions {
  /** Resolves or rejects when the bus has answered; what is lost is made up for by the next one. */
  readonly send: (beat: Beat) => Promise<void>;
  /** A heartbeat at least this often; undefined: only when asked. */
  readonly intervalMs: number | undefined;
  /** However often a handler reports, not more often than this. */
  readonly gapMs: number;
}

const FAILURE_GAP_MS = 1_000;

/** Heartbeats of one run: regular ones, and the handler's reports, folded so that a busy handler floods nobody. */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #interval: NodeJS.Timeout | undefined;
  #next: Beat | undefined;
  #isSending = false;
  #gap: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: PulseOptions) {
    this.#options = options;
    const { intervalMs } = options;
    if (intervalMs !== undefined) this.#interval = setInterval(() => this.beat({}), intervalMs);
  }

  beat(beat: Beat): void {
    if (this.#isStopped) return;
    this.#next = { ...this.#next, ...beat };
    this.#sendSoon();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#interval);
    clearTimeout(this.#gap);
  }

  #sendSoon(): void {
    if (this.#isStopped || this.#isSending || this.#gap !== undefined || this.#next === undefined) return;
    const beat = this.#next;
    this.#next = undefined;
    this.#isSending = true;
    this.#leaveGap(this.#options.gapMs);
    void this.#send(beat);
  }

  #leaveGap(gapMs: number): void {
    clearTimeout(this.#gap);
    if (this.#isStopped) return;
    this.#gap = setTimeout(() => {
      this.#gap = undefined;
      this.#sendSoon();
    }, gapMs);
  }

  async #send(beat: Beat): Promise<void> {
    try {
      await this.#options.send(beat);
    } catch {
      this.#next = { ...beat, ...this.#next }; // with the next one, if nothing newer says otherwise
      this.#leaveGap(FAILURE_GAP_MS);
    } finally {
      this.#isSending = false;
      this.#sendSoon();
    }
  }
}
