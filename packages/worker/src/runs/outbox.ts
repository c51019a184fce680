import { reasonOf, type WorkerLog } from '../log.ts';
import type { Report } from '../messages.ts';
import { UnroutableError } from '../transport.ts';
import { backoffMs, pause, settlesWithin } from '../waiting.ts';

const RETRY = { firstMs: 100, maxMs: 5_000 };

export interface OutboxOptions {
  readonly publish: (report: Report) => Promise<void>;
  /** Reports that may wait for their confirm before no new runs are taken. */
  readonly limit: number;
  /** How long to go on where nobody is there to hear a report. */
  readonly unroutableForMs: number;
  readonly log: WorkerLog;
}

/**
 * How runs ended, kept until the bus has confirmed it and sent again for as long as it has not: what is lost here would
 * leave a run `running`. A repetition does no harm, since the scheduler knows run and attempt.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pending = new Map<string, Promise<boolean>>();
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#pending.size;
  }

  get limit(): number {
    return this.#options.limit;
  }

  /** Calls back whenever a report is settled. */
  onSettled(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Resolves with true once confirmed, with false when given up. A report under the `key` of one that still waits joins
   * that one. Never rejects.
   */
  add(key: string, report: Report): Promise<boolean> {
    const waiting = this.#pending.get(key);
    if (waiting !== undefined) return waiting;
    const sending = this.#send(key, report).finally(() => {
      this.#pending.delete(key);
      for (const listener of this.#listeners) listener();
    });
    this.#pending.set(key, sending);
    return sending;
  }

  /** True when all was settled within the time. */
  async flush(timeoutMs: number): Promise<boolean> {
    return settlesWithin(Promise.all(this.#pending.values()), timeoutMs);
  }

  /** Gives up what is still waiting for its next try. */
  close(): void {
    this.#closing.abort();
  }

  async #send(key: string, report: Report): Promise<boolean> {
    const { publish, log, unroutableForMs } = this.#options;
    const startedAt = performance.now();
    for (let failures = 1; !this.#closing.signal.aborted; failures++) {
      try {
        await publish(report);
        return true;
      } catch (error) {
        const fields = { report: key, topology: report.topology.key, reason: reasonOf(error) };
        if (error instanceof UnroutableError && performance.now() - startedAt >= unroutableForMs) {
          log.error(fields, 'nobody hears how this run ended; giving up');
          return false;
        }
        log.debug(fields, 'a status is not confirmed yet; sending it again');
      }
      await pause(backoffMs(failures, RETRY), this.#closing.signal);
    }
    return false;
  }
}
