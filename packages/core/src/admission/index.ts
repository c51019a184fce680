export * from './admit.ts';
export * from './new-run.ts';
