export * from './await-dependency.ts';
export * from './guard-process.ts';
export * from './run-service.ts';
export * from './shutdown.ts';
