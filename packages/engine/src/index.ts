export * from './ports/index.ts';
export * from './scheduler/index.ts';
export * from './custodian/free-stuck-jobs.ts';
export * from './custodian/prune-runs.ts';
export * from './jobs/index.ts';
export * from './runs/index.ts';
