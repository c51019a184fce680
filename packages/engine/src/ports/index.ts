export * from './store.ts';
export * from './change-feed.ts';
export type * from './message-bus.ts';
export type * from './environment.ts';
export * from './errors.ts';
export type * from './requests.ts';
