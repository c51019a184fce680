export * from './ports/index.ts';
export * from './scheduler/index.ts';
export * from './custodian/free-stuck-jobs.ts';
