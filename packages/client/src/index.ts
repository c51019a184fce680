export { createClient } from './client.ts';
export type { Client, ClientOptions } from './client.ts';
export type { EventOptions, SchedulerEvent } from './events.ts';
export { ApiError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
export type { CallOptions, JobFilter, Jobs, PageOptions, RunNowOptions, TickWindow, WriteOptions } from './jobs.ts';
export type { Page } from './paging.ts';
export type { RunFilter, Runs } from './runs.ts';
export { normalizeBaseUrl } from './transport.ts';
export type { TokenProvider } from './transport.ts';
