import type { JobRecord } from '@simple-scheduler/core';
import { NotFoundError } from '../ports/index.ts';
import type { ApiContext } from './context.ts';

/** @throws NotFoundError */
export async function jobNamed({ store }: Pick<ApiContext, 'store'>, name: string): Promise<JobRecord> {
  const job = await store.getJob(name);
  if (job === null) throw new NotFoundError(`there is no job named "${name}"`);
  return job;
}
