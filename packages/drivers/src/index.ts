export * from './open-bus.ts';
export * from './open-store.ts';
