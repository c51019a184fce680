/** Remembers the newest `max` keys, none longer than `ttlMs`. */
export class Recent<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly at: number }>();
  readonly #max: number;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor({ max, ttlMs, now = () => performance.now() }: { max: number; ttlMs: number; now?: () => number }) {
    this.#max = max;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  get(key: string): V | undefined {
    return this.#find(key)?.value;
  }

  set(key: string, value: V): void {
    const now = this.#now();
    this.#entries.delete(key); // so that the order of the map stays the order of age
    this.#entries.set(key, { value, at: now });
    for (const [oldest, { at }] of this.#entries) {
      if (this.#entries.size <= this.#max && now - at <= this.#ttlMs) return;
      this.#entries.delete(oldest);
    }
  }

  #find(key: string): { readonly value: V } | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.#now() - entry.at <= this.#ttlMs ? entry : undefined;
  }
}
