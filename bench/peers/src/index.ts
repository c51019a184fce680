export { type Execution, HAS_INTERVALS, MOVES_TICKS, type PeerName, PEERS, SERVER_OF, type Tasks } from './protocol.ts';
export { type PeerProcess, startPeer } from './start-peer.ts';
export { peerVersion } from './versions.ts';
