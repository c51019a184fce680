import { MongoClient } from 'mongodb';
import { round } from './latency.ts';

interface ServerStatus {
  readonly metrics: { readonly commands: Readonly<Record<string, { readonly total?: number }>> };
}

/** Commands that no client sends for a run: signs of life, clocks and this very question. */
const IGNORED = /^(hello|isMaster|ping|serverStatus|endSessions|saslStart|buildInfo|_\w+|replSet\w+)$/;

/** Begins to count what the server is asked to do; the answer is per unit, by command, and ends the counting. */
export async function countCommands(url: string): Promise<(units: number) => Promise<Record<string, number>>> {
  const client = await MongoClient.connect(url);
  const totals = async (): Promise<Map<string, number>> => {
    const status = (await client.db('admin').command({ serverStatus: 1 })) as unknown as ServerStatus;
    return new Map(Object.entries(status.metrics.commands).map(([name, { total = 0 }]) => [name, Number(total)]));
  };
  const before = await totals();
  return async (units) => {
    const counted = [...(await totals())]
      .filter(([name]) => !IGNORED.test(name))
      .map(([name, total]) => [name, round((total - (before.get(name) ?? 0)) / units, 3)] as const);
    await client.close();
    return Object.fromEntries(counted.filter(([, perUnit]) => perUnit > 0));
  };
}
