export * from './claim-database.ts';
export * from './open-bus.ts';
export * from './open-store.ts';
export * from './verify-database.ts';
