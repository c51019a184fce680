import { type PeerProcess, SERVER_OF, startPeer } from '@simple-scheduler/bench-peers';
import { freshDatabase } from '@simple-scheduler/testkit';
import type { Parameters } from '../parameters.ts';
import { preparationMs } from '../workloads/start-up.ts';
import type { WorkloadContext } from '../workloads/workload.ts';
import { tasksIn } from './tasks.ts';

/** Agenda adds one job at a time: so many times longer. */
const ADDED_SINGLY = 4;

export interface StartedPeer extends AsyncDisposable {
  readonly process: PeerProcess;
  /** The processes that are measured. */
  readonly pids: Readonly<Record<string, number | undefined>>;
}

/** A process of its own, in a database of its own. */
export async function openPeer({ servers, parameters: { peer } }: WorkloadContext): Promise<StartedPeer> {
  const server = await servers.peerServer(SERVER_OF[peer]);
  const process = await startPeer(peer, { url: server.url, space: freshDatabase() });
  return {
    process,
    pids: { [peer]: process.pid, [SERVER_OF[peer]]: server.pid },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** How long it takes at most until the peer has its tasks. */
export function addingMs(parameters: Parameters): number {
  const slowness = parameters.peer === 'agenda' ? ADDED_SINGLY : 1;
  return preparationMs({ ...parameters, jobs: tasksIn(parameters) * slowness });
}
