export * from './settings/index.ts';
export * from './health/index.ts';
export * from './logging/index.ts';
export * from './loop/index.ts';
export * from './process/index.ts';
export * from './system/index.ts';
