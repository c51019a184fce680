export { storeSuite } from './suite.ts';
export type { StoreSetup, StoreUnderTest } from './harness.ts';
export * from './records.ts';
export { exerciseStore } from './exercise.ts';
