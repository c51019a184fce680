export * from './vocabulary.ts';
export * from './fields.ts';
export * from './job.ts';
export * from './run.ts';
export * from './messages.ts';
export * from './problem.ts';
export * from './requests.ts';
export * from './ticks.ts';
