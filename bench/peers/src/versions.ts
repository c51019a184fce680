import { readFileSync } from 'node:fs';
import type { PeerName } from './protocol.ts';

/** As the lockfile pins it. */
export function peerVersion(peer: PeerName): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies[peer] ?? 'unknown';
}
