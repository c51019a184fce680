import type { Topology } from '@simple-scheduler/contracts';
import { Lane } from './lane.ts';
import type { Arrival } from './run-desk.ts';

/** A run that waits here longer than this is given back: another worker may have nothing to do. */
const PATIENCE_MS = 250;
/** When room is there again, only some queues are asked at a time, as each may deliver more than there is room for. */
const RESUME_FIRST = 4;
const RESUME_STEP_MS = 20;

export interface IntakeOptions {
  readonly hasRoom: () => boolean;
  /** True where the arrival was answered without being started. */
  readonly settleKnown: (arrival: Arrival) => boolean;
  readonly start: (arrival: Arrival) => void;
}

/**
 * Takes runs from many queues in turn, up to what this worker can do. The broker's prefetch alone cannot hold that limit,
 * since actions are acknowledged when runs start: a worker that stays full gives back what it was handed beyond its
 * limit, and listens to no queue until it has room again.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #lanes: Lane[] = [];
  #turn = 0;
  #fullSince: number | undefined;
  #fullTimer: NodeJS.Timeout | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  #resumeCount = RESUME_FIRST;
  #isClosed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** A further queue to take runs from. */
  open(topology: Topology): Lane {
    const lane = new Lane(topology);
    this.#lanes.push(lane);
    return lane;
  }

  push(lane: Lane, arrival: Arrival): void {
    if (this.#options.settleKnown(arrival)) return;
    const cameLate = lane.isPaused && !this.#options.hasRoom();
    if (this.#isClosed || cameLate) {
      arrival.delivery.giveBack();
      return;
    }
    lane.push(arrival);
    this.pump();
  }

  /** Starts what there is room for. To be called whenever there may be. */
  pump(): void {
    if (this.#isClosed) return;
    while (this.#options.hasRoom()) {
      const arrival = this.#next();
      if (arrival === undefined) {
        this.#fullSince = undefined;
        this.#resumeSome();
        return;
      }
      this.#options.start(arrival);
    }
    this.#resumeCount = RESUME_FIRST;
    this.#fullSince ??= performance.now();
    this.#watchFullness();
  }

  /** Answers at once what waits here and need not be started any more. */
  recheck(runId: string): void {
    for (const lane of this.#lanes) {
      lane.drop((arrival) => arrival.action.runId === runId && this.#options.settleKnown(arrival));
    }
  }

  /** Takes nothing more and gives back what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#fullTimer);
    clearTimeout(this.#resumeTimer);
    for (const lane of this.#lanes) lane.giveBack();
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  /** The next arrival that is still ours and to be started, from each lane in turn. */
  #next(): Arrival | undefined {
    const count = this.#lanes.length;
    for (let step = 0; step < count; step++) {
      const lane = this.#lanes[(this.#turn + step) % count] as Lane;
      for (let arrival = lane.shift(); arrival !== undefined; arrival = lane.shift()) {
        if (!arrival.delivery.isHeld() || this.#options.settleKnown(arrival)) continue;
        this.#turn = (this.#turn + step + 1) % count;
        return arrival;
      }
    }
    return undefined;
  }

  #watchFullness(): void {
    if (this.#fullTimer !== undefined || this.#lanes.every((lane) => lane.isPaused)) return;
    this.#fullTimer = setTimeout(() => {
      this.#fullTimer = undefined;
      this.#stepBack();
      this.pump();
    }, PATIENCE_MS + 5); // timers may be a little early
  }

  /** Pauses all queues where there was no room for long, and those from which something has been waiting for long. */
  #stepBack(): void {
    const longAgo = performance.now() - PATIENCE_MS;
    const isFullForLong = this.#fullSince !== undefined && this.#fullSince <= longAgo;
    for (const lane of this.#lanes) {
      const waitsForLong = lane.waitsSince !== undefined && lane.waitsSince <= longAgo;
      if (!isFullForLong && !waitsForLong) continue;
      lane.pause();
      lane.giveBack();
    }
  }

  #resumeSome(): void {
    const paused = this.#lanes.filter((lane) => lane.isPaused);
    if (paused.length === 0 || this.#resumeTimer !== undefined) return;
    // The longest paused first, so that every queue has its turn.
    const some = paused.toSorted((a, b) => a.pausedAt - b.pausedAt).slice(0, this.#resumeCount);
    for (const lane of some) lane.resume();
    if (some.length === paused.length) return;
    this.#resumeCount *= 2;
    this.#resumeTimer = setTimeout(() => {
      this.#resumeTimer = undefined;
      this.pump();
    }, RESUME_STEP_MS);
  }
}
