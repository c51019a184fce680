import { Script } from 'node:vm';

/** V8's measure of this kind of allocation halves ten times a second, and is nothing at all after some 100 s without any. */
const KEEP_ABOVE_ZERO_MS = 30_000;

/**
 * Lets V8 give memory back once a process that was busy is idle: space for young objects, pages that are kept for reuse
 * and what the heap has in excess, which after the taking of 100,000 jobs is a third of all that the process weighs.
 *
 * V8 does so by itself when little is allocated. But since 13.1 (Node 24) it counts a certain kind of allocation that
 * most processes never make, objects of the embedder, and takes none at all for very much: it waits in vain
 * (nodejs/node#66564). A compiled script is such an object, tens of bytes of which suffice. Nothing depends on it: without
 * the fault it does nothing, and a busy process is left alone as before.
 */
export function letMemoryShrink(): void {
  const allocate = (): void => void new Script('');
  allocate();
  setInterval(allocate, KEEP_ABOVE_ZERO_MS).unref();
}
