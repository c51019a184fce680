import type { MongoClient } from 'mongodb';

/** CPU time of this MongoDB since it started, µs: of all threads, by its own account. */
export async function serverCpuUs(client: MongoClient): Promise<number> {
  const { extra_info: used } = await client.db('admin').command({ serverStatus: 1 });
  const { user_time_us: user, system_time_us: system } = used as Record<string, number>;
  return Number(user) + Number(system);
}
