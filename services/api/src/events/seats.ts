import { RETRY_AFTER } from '../problem/refusal-of-error.ts';
import { RefusedError } from '../problem/refusal.ts';

/** How many streams are open, of each caller and in all. */
export class Seats {
  readonly #perCaller: number;
  readonly #perProcess: number;
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly perCaller: number; readonly perProcess: number }) {
    this.#perCaller = limits.perCaller;
    this.#perProcess = limits.perProcess;
  }

  /** Returns what gives it back; safe twice. @throws RefusedError (429, 503) where there is none */
  take(caller: string): () => void {
    const taken = this.#taken.get(caller) ?? 0;
    if (taken >= this.#perCaller) {
      const detail = `there are ${taken} event streams of this caller already; close one first`;
      throw new RefusedError({ status: 429, code: 'too_many_requests', detail, headers: { 'retry-after': '15' } });
    }
    if (this.#total >= this.#perProcess) {
      const detail = 'there are too many event streams here already; try again';
      throw new RefusedError({ status: 503, code: 'unavailable', detail, headers: RETRY_AFTER });
    }
    this.#taken.set(caller, taken + 1);
    this.#total += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#total -= 1;
      const left = (this.#taken.get(caller) ?? 1) - 1;
      if (left === 0) this.#taken.delete(caller);
      else this.#taken.set(caller, left);
    };
  }
}
