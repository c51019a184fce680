/**
 * Whether a run may start, must wait or is skipped, and which place it takes. Places are names that the store keeps
 * unique, so the answer may rest on an old picture: a place taken meanwhile is refused by the store, and asked again.
 */
export type Admission =
  /** `slot` is absent for jobs whose runs may overlap. */
  | { readonly kind: 'start'; readonly slot?: string }
  | { readonly kind: 'wait'; readonly slot: string }
  | { readonly kind: 'skip' };

export interface Places {
  /** Live runs that do not wait. */
  readonly active: number;
  /** Slots in use. */
  readonly slots: readonly string[];
}

export const activeSlot = (jobUid: string): string => `${jobUid}:a`;
export const waitingSlot = (jobUid: string, place: number): string => `${jobUid}:w${place}`;

/**
 * A run that has to wait takes the first free place; with `passing`, the one that comes so many free ones later, as counted in a
 * circle. Which place it is says nothing of its turn.
 */
export function admit(
  job: { readonly uid: string; readonly allowConcurrentRuns: boolean; readonly maxQueueCount: number },
  places: Places,
  passing = 0,
): Admission {
  if (job.allowConcurrentRuns) return { kind: 'start' };
  const waiting = places.slots.filter((slot) => slot !== activeSlot(job.uid));
  // Who waits already is older, and starts first.
  if (places.active === 0 && places.slots.length === 0) return { kind: 'start', slot: activeSlot(job.uid) };
  if (waiting.length >= job.maxQueueCount) return { kind: 'skip' };
  const taken = new Set(waiting);
  let toPass = passing % (job.maxQueueCount - waiting.length);
  for (let place = 0; place < job.maxQueueCount; place += 1) {
    const slot = waitingSlot(job.uid, place);
    if (taken.has(slot)) continue;
    if (toPass === 0) return { kind: 'wait', slot };
    toPass -= 1;
  }
  return { kind: 'skip' };
}

/** The places after this admission, for the next tick of the same batch. */
export function placesAfter(places: Places, admission: Admission): Places {
  switch (admission.kind) {
    case 'skip':
      return places;
    case 'wait':
      return { active: places.active, slots: [...places.slots, admission.slot] };
    case 'start':
      return {
        active: places.active + 1,
        slots: admission.slot === undefined ? places.slots : [...places.slots, admission.slot],
      };
  }
}

export const NO_PLACES: Places = { active: 0, slots: [] };
