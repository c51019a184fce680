export { busSuite } from './bus-suite.ts';
export type { BusHarness, RawAction, RawDeadLetter, RawWorker } from './harness.ts';
