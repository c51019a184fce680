import type { Random } from '@simple-scheduler/engine';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of chance of its own, from the seed and a name: a draw more in one stream disturbs no other. */
export class RandomStream implements Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number, name: string) {
    this.#generator = xoroshiro128plus(fnv1a(`${name}:${seed}`));
    // The first numbers of near seeds are alike.
    for (let i = 0; i < 16; i += 1) this.#generator.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    return (this.#generator.next() >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Whole number in [min, max]. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Mostly small, sometimes large: a delay as networks have it, in ms. */
  delay(typicalMs: number, maxMs: number): number {
    return Math.min(maxMs, Math.floor(-Math.log(1 - this.next()) * typicalMs));
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.int(0, list.length - 1)] as T;
  }
}

export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
