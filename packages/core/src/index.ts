export type * from './records/index.ts';
