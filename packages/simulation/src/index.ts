export { simulate, type Outcome, type SimulationOptions } from './run/simulate.ts';
export { MemoryDatabase } from './store/memory-database.ts';
export { openMemoryStore } from './store/memory-store.ts';
export type { Violation } from './checks/violations.ts';
