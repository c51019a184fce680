export * from './health-server.ts';
export * from './listen.ts';
export * from './readiness.ts';
