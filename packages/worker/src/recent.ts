export interface RecentOptions<V> {
  readonly max: number;
  readonly ttlMs: number;
  /** Of all values together; the newest is kept whatever it weighs. Without `weigh` they weigh nothing. */
  readonly maxWeight?: number;
  readonly weigh?: (value: V) => number;
  readonly now?: () => number;
}

/** Remembers the newest `max` keys, none longer than `ttlMs`. */
export class Recent<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly at: number }>();
  readonly #options: Required<RecentOptions<V>>;
  #weight = 0;

  constructor(options: RecentOptions<V>) {
    this.#options = {
      maxWeight: Number.POSITIVE_INFINITY,
      weigh: () => 0,
      now: () => performance.now(),
      ...options,
    };
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
    const { weigh, now, max, maxWeight, ttlMs } = this.#options;
    const at = now();
    this.#delete(key); // so that the order of the map stays the order of age
    this.#entries.set(key, { value, at });
    this.#weight += weigh(value);
    for (const [oldest, entry] of this.#entries) {
      const fits = this.#entries.size <= max && (this.#weight <= maxWeight || oldest === key);
      if (fits && at - entry.at <= ttlMs) return;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#options.weigh(entry.value);
  }

  #find(key: string): { readonly value: V } | undefined {
    const { now, ttlMs } = this.#options;
    const entry = this.#entries.get(key);
    return entry !== undefined && now() - entry.at <= ttlMs ? entry : undefined;
  }
}
