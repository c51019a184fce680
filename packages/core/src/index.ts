export type * from './records/index.ts';
export * from './admission/index.ts';
export * from './lease/index.ts';
export * from './misfire/index.ts';
export * from './retry/index.ts';
export * from './run/index.ts';
export * from './schedule/index.ts';
