export { startHealthServer } from './health-server.ts';
export { listenError } from './listen.ts';
export { createReadiness, type Readiness, type ReadinessReport } from './readiness.ts';
