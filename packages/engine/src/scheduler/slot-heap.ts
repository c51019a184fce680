/** Growing by half keeps what is allocated in vain below a third. */
const GROWTH = 1.5;
const CAPACITY_MIN = 64;
const ABSENT = -1;

export function grown<T extends Float64Array | Int32Array>(array: T, capacity: number): T {
  const larger = new (array.constructor as new (length: number) => T)(capacity);
  larger.set(array);
  return larger;
}

export const nextCapacity = (needed: number): number => Math.max(CAPACITY_MIN, Math.ceil(needed * GROWTH));

/**
 * A binary min-heap of slots (small whole numbers) by a time that belongs to each. It knows where each slot is, so that
 * any of them can be moved or taken out in logarithmic time; and it is made of plain numbers, sixteen bytes a slot, since
 * a scheduler may hold a million jobs. Times must be whole or infinite numbers.
 */
export class SlotHeap {
  #order = new Int32Array(CAPACITY_MIN);
  /** By slot: its index in `order`, or `ABSENT`. */
  #place = new Int32Array(CAPACITY_MIN).fill(ABSENT);
  /** By slot. */
  #at = new Float64Array(CAPACITY_MIN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return slot < this.#place.length && this.#place[slot] !== ABSENT;
  }

  /** The time that was last given for a slot, whether it is in the heap or not. */
  at(slot: number): number {
    return this.#at[slot] as number;
  }

  peek(): number | undefined {
    return this.#size === 0 ? undefined : this.#order[0];
  }

  /** Puts a slot in, or moves it to another time. */
  set(slot: number, at: number): void {
    this.#reserve(slot);
    this.#at[slot] = at;
    if (this.#place[slot] === ABSENT) {
      this.#seat(slot, this.#size);
      this.#size += 1;
    }
    this.#settle(slot);
  }

  delete(slot: number): void {
    if (!this.has(slot)) return;
    const place = this.#place[slot] as number;
    const last = this.#order[this.#size - 1] as number;
    this.#size -= 1;
    this.#place[slot] = ABSENT;
    if (last === slot) return;
    this.#seat(last, place);
    this.#settle(last);
  }

  /** Gives what `from` has to `to`, which has nothing, and leaves `from` with nothing. */
  rename(from: number, to: number): void {
    this.#reserve(to);
    this.#at[to] = this.at(from);
    if (!this.has(from)) return;
    this.#seat(to, this.#place[from] as number);
    this.#place[from] = ABSENT;
  }

  #settle(slot: number): void {
    const at = this.at(slot);
    let place = this.#place[slot] as number;
    for (
      let above = (place - 1) >> 1;
      place > 0 && this.at(this.#order[above] as number) > at;
      above = (place - 1) >> 1
    ) {
      this.#seat(this.#order[above] as number, place);
      place = above;
    }
    for (let below = this.#soonerChild(place); below !== ABSENT; below = this.#soonerChild(place)) {
      if (this.at(this.#order[below] as number) >= at) break;
      this.#seat(this.#order[below] as number, place);
      place = below;
    }
    this.#seat(slot, place);
  }

  #soonerChild(place: number): number {
    const left = 2 * place + 1;
    if (left >= this.#size) return ABSENT;
    const right = left + 1;
    if (right >= this.#size) return left;
    return this.at(this.#order[right] as number) < this.at(this.#order[left] as number) ? right : left;
  }

  #seat(slot: number, place: number): void {
    this.#order[place] = slot;
    this.#place[slot] = place;
  }

  #reserve(slot: number): void {
    const known = this.#place.length;
    if (slot < known) return;
    const capacity = nextCapacity(slot + 1);
    this.#order = grown(this.#order, capacity);
    this.#place = grown(this.#place, capacity).fill(ABSENT, known);
    this.#at = grown(this.#at, capacity);
  }
}
