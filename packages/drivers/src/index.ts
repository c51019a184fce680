export * from './claim-database.ts';
export * from './open-bus.ts';
export * from './open-store.ts';
