import { setTimeout as sleep } from 'node:timers/promises';
import { type Distribution, distribution, round } from '../latency.ts';

/** A piece of work, and from the beginning of one to that of the next: so little that an idle machine is idle still. */
const PIECE_MS = 1;
const DISTANCE_MS = 10;
/** Pieces by which the size of one is found; the quickest tells it, since a machine is at times slower and never quicker. */
const TRIALS = 50;
const FIRST_STEPS = 20_000;

export interface ProcessorFloor {
  /** How long each piece took that takes a millisecond where nothing gets in its way. */
  readonly pieceMs: Distribution | undefined;
  /** Share of the pieces that took twice as long as most or longer, percent. */
  readonly slowPercent: number;
}

/**
 * What the machine withholds from a process that has it to itself: a virtual machine's processors are given to others, too,
 * for tenths of a second, and what is late by that is late whatever the scheduler does. Nobody inside is told of it: such time
 * does not count as stolen everywhere.
 */
export async function processorFloor(seconds: number): Promise<ProcessorFloor> {
  const steps = stepsOfPiece();
  const tookMs: number[] = [];
  const startedAt = performance.now();
  for (let piece = 0; piece * DISTANCE_MS < seconds * 1_000; piece++) {
    await sleep(Math.max(0, startedAt + piece * DISTANCE_MS - performance.now()));
    tookMs.push(timeOf(steps));
  }
  const pieceMs = distribution(tookMs);
  const slow = tookMs.filter((took) => took >= 2 * (pieceMs?.p50 ?? 0)).length;
  return { pieceMs, slowPercent: round((slow / tookMs.length) * 100, 1) };
}

function stepsOfPiece(): number {
  const quickest = Math.min(...Array.from({ length: TRIALS }, () => timeOf(FIRST_STEPS)));
  return Math.ceil((FIRST_STEPS * PIECE_MS) / quickest);
}

let state = 1;

/** Milliseconds that so many steps of arithmetic take. Their outcome is kept, so that none may be left out. */
function timeOf(steps: number): number {
  const startedAt = performance.now();
  for (let step = 0; step < steps; step++) state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
  return performance.now() - startedAt;
}
