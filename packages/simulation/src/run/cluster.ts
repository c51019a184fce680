import type { Patience, Store } from '@simple-scheduler/engine';
import {
  type Connections,
  contextOf,
  type RunningScheduler,
  startCustodian,
  startScheduler,
} from '../actors/services.ts';
import { startWorker } from '../actors/worker.ts';
import { SimBroker } from '../bus/sim-broker.ts';
import { busOverNetwork } from '../bus/sim-bus.ts';
import { type StoreCondition, storeOverNetwork } from '../store/faulty-store.ts';
import type { Faults } from '../world/faults.ts';
import { Process } from '../world/process.ts';
import { RandomStream } from '../world/random.ts';
import type { World } from '../world/world.ts';

/** All processes of one simulated installation. */
export class Cluster {
  readonly world: World;
  readonly broker: SimBroker;
  readonly condition: StoreCondition = { down: false };
  schedulers: RunningScheduler[] = [];
  custodians: Process[] = [];
  workers: Process[] = [];
  readonly #seed: number;
  readonly #store: Store;
  readonly #faults: () => Faults;
  readonly #onError: (process: string, error: unknown) => void;
  /** Tells what happens to processes and servers. */
  readonly tell: (what: string) => void;
  #started = 0;

  constructor(options: {
    world: World;
    seed: number;
    store: Store;
    faults: () => Faults;
    onError: (process: string, error: unknown) => void;
    tell: (what: string) => void;
  }) {
    this.world = options.world;
    this.#seed = options.seed;
    this.#store = options.store;
    this.#faults = options.faults;
    this.#onError = options.onError;
    this.tell = options.tell;
    this.broker = new SimBroker(options.world, new RandomStream(options.seed, 'broker'), options.faults);
  }

  addScheduler(clockOffsetMs = 0): void {
    this.schedulers.push(startScheduler(this.#connect('scheduler', clockOffsetMs)));
  }

  addCustodian(): void {
    const connections = this.#connect('custodian', 0);
    // Chance of its own: what is pruned, and when, does not disturb the rest of the story.
    startCustodian(connections, this.#storeOf(connections.process, 'pruning'));
    this.custodians.push(connections.process);
  }

  addWorker(): void {
    const { process, random } = this.#connect('worker', 0);
    const onPoison = (): void => {
      this.killWorker(this.workers.indexOf(process));
      this.world.after(random.int(100, 2_000), () => this.addWorker());
    };
    startWorker({ world: this.world, process, broker: this.broker, random, onPoison });
    this.workers.push(process);
  }

  /** An API: its context, to call use cases with. */
  api(clockOffsetMs = 0): ReturnType<typeof contextOf> {
    return contextOf(this.#connect('api', clockOffsetMs));
  }

  killScheduler(index: number): void {
    const [scheduler] = this.schedulers.splice(index, 1);
    if (scheduler) this.#kill(scheduler.process);
  }

  killCustodian(index: number): void {
    for (const process of this.custodians.splice(index, 1)) this.#kill(process);
  }

  killWorker(index: number): void {
    for (const process of this.workers.splice(index, 1)) this.#kill(process);
  }

  #kill(process: Process): void {
    this.tell(`kill ${process.name}`);
    process.kill();
    // The broker notices a lost connection a little later.
    this.world.after(this.broker.lag(), () => this.broker.forget(process));
  }

  #storeOf(process: Process, stream: string): Store {
    const random = new RandomStream(this.#seed, `${process.name} ${stream}`);
    const { world, condition } = this;
    return storeOverNetwork({ world, process, faults: this.#faults, random, store: this.#store, condition });
  }

  #connect(role: string, clockOffsetMs: number): Connections {
    this.#started += 1;
    const { world } = this;
    const process = new Process(world, `${role}-${this.#started}`);
    process.clockOffsetMs = clockOffsetMs;
    const random = new RandomStream(this.#seed, process.name);
    const network = new RandomStream(this.#seed, `${process.name} network`);
    const shared = { world, process, faults: this.#faults, random: network };
    return {
      process,
      random,
      patience: patience(process),
      store: storeOverNetwork({ ...shared, store: this.#store, condition: this.condition }),
      bus: busOverNetwork({ ...shared, broker: this.broker }),
      onError: (turn, error) => this.#onError(`${process.name} ${turn}`, error),
    };
  }
}

function patience(process: Process): Patience {
  return {
    within: (work, timeoutMs) =>
      Promise.race([
        work.then(
          (value) => ({ kind: 'done' as const, value }),
          (error: unknown) => ({ kind: 'failed' as const, error }),
        ),
        process.reach(timeoutMs, { kind: 'late' as const }),
      ]),
  };
}
