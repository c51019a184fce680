import type { RandomStream } from '../world/random.ts';
import type { ActionMessage, ControlMessage } from '@simple-scheduler/contracts';
import type { Faults } from '../world/faults.ts';
import type { Process } from '../world/process.ts';
import type { World } from '../world/world.ts';
import { SharedQueue } from './shared-queue.ts';

/** What a worker hears. Returning false leaves the message in the queue (no room). */
export interface ActionListener {
  readonly process: Process;
  hasRoom(): boolean;
  onRun(body: ActionMessage, settle: (outcome: 'ack' | 'requeue') => void): void;
  onCancel(body: ActionMessage): void;
}

/** The broker between all processes: queues that outlive its restarts, delays, duplicates, lost connections. */
export class SimBroker {
  readonly statuses: SharedQueue;
  readonly heartbeats: SharedQueue;
  readonly #world: World;
  readonly #random: RandomStream;
  readonly #faults: () => Faults;
  readonly #actions: ActionMessage[] = [];
  readonly #inFlight = new Map<number, { body: ActionMessage; worker: ActionListener }>();
  readonly #controls = new Map<Process, (message: ControlMessage) => void>();
  readonly #stateListeners = new Set<() => void>();
  #workers: ActionListener[] = [];
  #down = false;
  #delivery = 0;
  /** Every run action that reached a queue, by `runId:attempt`. */
  readonly published: Map<string, number> = new Map();
  /** Called with each action that reaches the broker. */
  onAction: (body: ActionMessage) => void = () => {};
  /** Called with each status that the broker has taken from a worker. */
  onStatus: (body: object) => void = () => {};

  constructor(world: World, random: RandomStream, faults: () => Faults) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
    this.statuses = new SharedQueue(random);
    this.heartbeats = new SharedQueue(random);
  }

  get down(): boolean {
    return this.#down;
  }

  lag(): number {
    return this.#random.delay(Math.max(2, this.#faults().busDelayMaxMs / 5), this.#faults().busDelayMaxMs);
  }

  setDown(down: boolean): void {
    this.#down = down;
    if (down) {
      // Connections are gone: what was delivered and not acknowledged goes back.
      for (const [id, { body }] of this.#inFlight) {
        this.#inFlight.delete(id);
        this.#actions.unshift(body);
      }
      this.statuses.disconnect();
      this.heartbeats.disconnect();
    } else {
      this.statuses.reconnect();
      this.heartbeats.reconnect();
      this.#pump();
    }
    for (const listener of this.#stateListeners) listener();
  }

  onStateChange(listener: () => void): void {
    this.#stateListeners.add(listener);
  }

  /** Puts an action where workers find it; true once the broker has it. */
  take(body: ActionMessage): boolean {
    if (this.#down) return false;
    this.#world.note(`action ${body.runId} ${body.attempt} ${body.action}`);
    this.onAction(body);
    const key = `${body.runId}:${body.attempt}`;
    if (body.action === 'run') this.published.set(key, (this.published.get(key) ?? 0) + 1);
    const copies = this.#random.chance(this.#faults().duplicate) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      if (body.action === 'run') this.#actions.push(body);
      else
        for (const worker of this.#workers)
          this.#world.after(this.lag(), () => worker.process.alive && worker.onCancel(body));
    }
    this.#pump();
    return true;
  }

  addWorker(worker: ActionListener): void {
    this.#workers.push(worker);
    this.#pump();
  }

  removeWorker(process: Process): void {
    this.#workers = this.#workers.filter((worker) => worker.process !== process);
    for (const [id, { body, worker }] of this.#inFlight) {
      if (worker.process !== process) continue;
      this.#inFlight.delete(id);
      this.#actions.unshift(body);
    }
    this.#pump();
  }

  /** A worker has room again. */
  pump(): void {
    this.#pump();
  }

  /** A worker's message; resolves true when the broker has it. */
  async accept(kind: 'status' | 'heartbeat', body: object): Promise<boolean> {
    await this.#world.sleep(this.lag());
    if (this.#down) return false;
    const copies = this.#random.chance(this.#faults().duplicate) ? 2 : 1;
    const queue = kind === 'status' ? this.statuses : this.heartbeats;
    if (kind === 'status') this.onStatus(body);
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    for (let i = 0; i < copies; i += 1)
      this.#world.after(this.lag(), () => queue.push({ body: bytes, exchange: kind, redelivered: false }));
    return !this.#random.chance(this.#faults().confirmLost);
  }

  announce(message: ControlMessage): void {
    if (this.#down) return;
    for (const [process, handler] of this.#controls) {
      if (this.#random.chance(this.#faults().controlLost)) continue;
      void process.reach(this.lag(), message).then(handler);
    }
  }

  onControl(process: Process, handler: (message: ControlMessage) => void): void {
    this.#controls.set(process, handler);
  }

  forget(process: Process): void {
    this.#controls.delete(process);
    this.statuses.removeConsumer(process);
    this.heartbeats.removeConsumer(process);
    this.removeWorker(process);
  }

  queued(): number {
    return this.#actions.length + this.#inFlight.size;
  }

  #pump(): void {
    while (!this.#down && this.#actions.length > 0) {
      const ready = this.#workers.filter(
        (worker) => worker.process.alive && !worker.process.paused && worker.hasRoom(),
      );
      if (ready.length === 0) return;
      const body = this.#actions.shift() as ActionMessage;
      const worker = this.#random.pick(ready);
      this.#delivery += 1;
      const id = this.#delivery;
      this.#inFlight.set(id, { body, worker });
      worker.onRun(body, (outcome) => {
        // Too late after a lost connection: the message is somebody else's by now.
        if (!this.#inFlight.delete(id)) return;
        if (outcome === 'requeue') this.#actions.unshift(body);
        this.#pump();
      });
    }
  }
}
