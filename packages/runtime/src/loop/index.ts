export * from './backoff.ts';
export * from './loop.ts';
