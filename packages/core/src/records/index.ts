export type * from './job.ts';
export type * from './run.ts';
