/**
 * A number in [0, 1) that belongs to a text: the same wherever and whenever it is asked for, so that a failover neither
 * moves a jittered tick nor a retry. FNV-1a (Fowler, Noll, Vo), finished with the mixer of MurmurHash3 (Appleby) because
 * FNV alone spreads the last characters badly.
 */
export function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
