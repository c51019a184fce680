export { cancelRun } from './cancel-run.ts';
export { getRun, listRuns } from './find-runs.ts';
export { retryRun } from './retry-run.ts';
export { runNow, type RunNowRequest } from './run-now.ts';
export { type RequestKey } from './start-once.ts';
