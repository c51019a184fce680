/** A thread that simulates the seeds it is told, and reports each. Started by `simulateMany`. */
import { parentPort } from 'node:worker_threads';
import type { Violation } from '../checks/violations.ts';
import { simulate } from './simulate.ts';

export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

export interface SeedReport {
  readonly seed: number;
  /** The first promise that was broken, if any was. */
  readonly violation?: Violation;
}

parentPort?.on('message', ({ from, to }: SeedRange) => {
  void simulateRange(from, to);
});

async function simulateRange(from: number, to: number): Promise<void> {
  for (let seed = from; seed <= to; seed += 1) {
    const [violation] = (await simulate(seed)).violations;
    const report: SeedReport = { seed, ...(violation === undefined ? {} : { violation }) };
    parentPort?.postMessage(report);
  }
  parentPort?.postMessage('done');
}
