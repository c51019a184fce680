import type { JobRecord } from '@simple-scheduler/core';
import type { JobQuery } from '../ports/index.ts';
import type { ApiContext } from './context.ts';
import { jobNamed } from './job-named.ts';

/** A job with the last sign of life of the scheduler that holds it (epoch ms, by the database's clock). */
export interface SeenJob {
  readonly job: JobRecord;
  readonly heartbeatAt?: number;
}

/** A page of the jobs that match, by name; `next` is absent on the last. */
export async function listJobs(context: ApiContext, query: JobQuery): Promise<{ jobs: SeenJob[]; next?: string }> {
  const { jobs, next } = await context.store.listJobs(query);
  return { jobs: await withHeartbeats(context, jobs), ...(next === undefined ? {} : { next }) };
}

/** @throws NotFoundError */
export async function getJob(context: ApiContext, name: string): Promise<SeenJob> {
  return withHeartbeat(context, await jobNamed(context, name));
}

/** Those that exist, in any order. */
export async function getJobs(context: ApiContext, names: readonly string[]): Promise<SeenJob[]> {
  return withHeartbeats(context, await context.store.getJobs(names));
}

export async function withHeartbeat(context: ApiContext, job: JobRecord): Promise<SeenJob> {
  return (await withHeartbeats(context, [job]))[0] ?? { job };
}

async function withHeartbeats(context: ApiContext, jobs: readonly JobRecord[]): Promise<SeenJob[]> {
  if (jobs.every((job) => job.managerId === undefined)) return jobs.map((job) => ({ job }));
  const { managers } = await context.store.listManagers();
  const beats = new Map(managers.map((manager) => [manager.id, manager.heartbeatAt]));
  return jobs.map((job) => {
    const heartbeatAt = job.managerId === undefined ? undefined : beats.get(job.managerId);
    return heartbeatAt === undefined ? { job } : { job, heartbeatAt };
  });
}
