// The work of w1, of w2 and of limit, done by another scheduler on its own server. It schedules and works in one process, with nothing
// in between; lateness counts to its handler.
import { peerVersion, SERVER_OF } from '@simple-scheduler/bench-peers';
import type { PeerLoad } from '../parameters.ts';
import { peerBurst } from '../peer/burst.ts';
import { peerLimit } from '../peer/limit.ts';
import { peerPunctuality } from '../peer/punctuality.ts';
import type { Workload } from './workload.ts';

const LOADS: Readonly<Record<PeerLoad, Workload>> = { w1: peerPunctuality, w2: peerBurst, limit: peerLimit };

export const peers: Workload = async (context) => {
  const { peer, load } = context.parameters;
  const server = await context.servers.peerServer(SERVER_OF[peer]);
  return { version: peerVersion(peer), serverVersion: server.version, ...(await LOADS[load](context)) };
};
