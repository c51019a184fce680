import { EventEmitter } from 'node:events';
import type { Run } from './handler.ts';
import { reasonOf, type WorkerLog } from './log.ts';
import type { EndedHere } from './messages.ts';
import type { TransportState } from './transport.ts';

/**
 * `idle` → `starting` → `running` → `stopping` → `stopped`; a worker is started once.
 */
export type WorkerState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped';

export interface RunEnded {
  readonly run: Run;
  readonly status: EndedHere;
  readonly output?: unknown;
  readonly error?: string;
  /** False where the handler asked for no further attempt. */
  readonly retry?: false;
  /** Milliseconds after which the handler asked to be tried again. */
  readonly retryAfter?: number;
  readonly durationMs: number;
}

/** What a worker tells, and what it gives along. */
export interface WorkerEvents {
  runStarted: Run;
  /** Also for a run that was cancelled before it started. The scheduler hears of it once the bus has confirmed the status. */
  runEnded: RunEnded;
  stateChanged: WorkerState;
  /** Only where the transport can tell. */
  connectionChanged: TransportState;
}

/** Events whose listeners may fail, at once or later, without any harm to the worker. */
export class Events {
  readonly #emitter = new EventEmitter();
  readonly #log: WorkerLog;

  constructor(log: WorkerLog) {
    this.#log = log;
  }

  /** Returns what ends the subscription. */
  on<E extends keyof WorkerEvents>(event: E, listener: (detail: WorkerEvents[E]) => unknown): () => void {
    const guarded = (detail: WorkerEvents[E]): void => {
      void this.#call(event, () => listener(detail));
    };
    this.#emitter.on(event, guarded);
    return () => this.#emitter.off(event, guarded);
  }

  tell<E extends keyof WorkerEvents>(event: E, detail: WorkerEvents[E]): void {
    this.#emitter.emit(event, detail);
  }

  async #call(event: keyof WorkerEvents, listen: () => unknown): Promise<void> {
    try {
      await listen();
    } catch (error) {
      this.#log.error({ event, reason: reasonOf(error) }, 'a listener threw');
    }
  }
}
