import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../chance.ts';
import type { Journal } from './journal.ts';
import type { Delivery, Link } from './link.ts';
import type { Entry, Work, WorkerPlan } from './plan.ts';

interface Action {
  readonly jobName: string;
  readonly runId: string;
  readonly action: string;
  readonly attempt: number;
  readonly payload: Work & { readonly topology: string };
}

/** Unruliness that the contract allows to anyone. */
const TWICE_SHARE = 0.05;
const SWAPPED_SHARE = 0.03;

/** Does what the payload says, writes down what it hears and says, and acknowledges a run when its end is told. */
export class Desk {
  readonly #plan: WorkerPlan;
  readonly #journal: Journal;
  readonly #link: Link;
  /** Runs being worked on, by run id: a redelivery is worked on beside the first. */
  readonly #cancels = new Map<string, Set<AbortController>>();

  constructor(plan: WorkerPlan, journal: Journal, link: Link) {
    this.#plan = plan;
    this.#journal = journal;
    this.#link = link;
  }

  async take({ body, redelivered, queue, ack }: Delivery): Promise<void> {
    const action = body as Action;
    const { runId: run, jobName: job, attempt } = action;
    await this.#write({ t: 'received', at: Date.now(), run, job, action: action.action, attempt, queue, redelivered });
    if (action.action === 'run') await this.#work(action);
    else for (const cancel of this.#cancels.get(run) ?? []) cancel.abort();
    ack();
  }

  async #work(action: Action): Promise<void> {
    const { runId, attempt, payload } = action;
    const chance = new Chance(this.#plan.seed, `${runId}:${attempt}`);
    const isSilent = chance.is(payload.silentShare ?? 0);
    const hangs = chance.is(payload.hangShare ?? 0);
    const fails = chance.is(payload.failShare ?? 0);
    const workMs = hangs ? (payload.hangMs ?? 0) : chance.int(payload.minMs, payload.maxMs);
    // One that falls silent without ever having said `running` would leave a run that nothing watches.
    const swaps = !this.#plan.knowsAttempts && !isSilent && chance.is(SWAPPED_SHARE);
    const cancelled = new AbortController();
    this.#enter(runId, cancelled);
    try {
      if (payload.saysRunning && !swaps) await this.#say(action, 'running', chance);
      if (isSilent) return;
      const beating = payload.beatMs === undefined ? undefined : this.#beat(action, payload.beatMs, cancelled.signal);
      await sleep(workMs, undefined, { signal: cancelled.signal }).catch(() => {});
      beating?.stop();
      await this.#say(action, cancelled.signal.aborted ? 'cancelled' : fails ? 'failed' : 'completed', chance);
      if (swaps) await this.#say(action, 'running', chance);
    } finally {
      this.#leave(runId, cancelled);
    }
  }

  async #say(action: Action, status: string, chance: Chance): Promise<void> {
    const { runId, jobName, attempt, payload } = action;
    const { knowsAttempts, name } = this.#plan;
    const known = knowsAttempts
      ? { attempt, workerId: name, ...(status === 'running' ? {} : { output: { attempt } }) }
      : {};
    const words = { run: runId, status, ...(knowsAttempts ? { attempt } : {}) };
    const times = chance.is(TWICE_SHARE) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      await this.#write({ t: 'says', at: Date.now(), ...words });
      await this.#link.send(`scheduler.${payload.topology}.status`, 'x', { jobName, runId, status, ...known });
    }
    await this.#write({ t: 'said', at: Date.now(), ...words });
  }

  #beat({ runId, jobName, attempt, payload }: Action, everyMs: number, signal: AbortSignal): { stop(): void } {
    const known = this.#plan.knowsAttempts ? { attempt } : {};
    const timer = setInterval(() => {
      // One that does not get through is worth no more than the next.
      void this.#link.trySend(`scheduler.${payload.topology}.heartbeat`, 'x', { jobName, runId, ...known });
    }, everyMs);
    const stop = (): void => clearInterval(timer);
    signal.addEventListener('abort', stop, { once: true });
    return { stop };
  }

  #enter(runId: string, cancel: AbortController): void {
    const all = this.#cancels.get(runId) ?? new Set();
    this.#cancels.set(runId, all.add(cancel));
  }

  #leave(runId: string, cancel: AbortController): void {
    const all = this.#cancels.get(runId);
    all?.delete(cancel);
    if (all?.size === 0) this.#cancels.delete(runId);
  }

  #write(entry: Entry): Promise<void> {
    return this.#journal.write(entry);
  }
}
