import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeSlot, admit, NO_PLACES, type Places, placesAfter, waitingSlot } from './admit.ts';

const uid = 'b'.repeat(24);
const job = (maxQueueCount: number, allowConcurrentRuns = false) => ({ uid, allowConcurrentRuns, maxQueueCount });

describe('admit', () => {
  it('starts every run of a job with concurrency, without a slot', () => {
    expect(admit(job(0, true), { active: 9, slots: [] })).toEqual({ kind: 'start' });
  });

  it('starts one, lets maxQueueCount wait, skips the rest', () => {
    let places: Places = NO_PLACES;
    const kinds = Array.from({ length: 5 }, () => {
      const admission = admit(job(2), places);
      places = placesAfter(places, admission);
      return admission.kind;
    });
    expect(kinds).toEqual(['start', 'wait', 'wait', 'skip', 'skip']);
    expect(places).toEqual({ active: 1, slots: [activeSlot(uid), waitingSlot(uid, 0), waitingSlot(uid, 1)] });
  });

  it('lets a new run wait behind older ones although the active place is free just now', () => {
    expect(admit(job(2), { active: 0, slots: [waitingSlot(uid, 0)] })).toEqual({
      kind: 'wait',
      slot: waitingSlot(uid, 1),
    });
  });

  it('takes another free place where it is to pass over some, in a circle', () => {
    const places = { active: 1, slots: [activeSlot(uid), waitingSlot(uid, 1)] };
    const slots = [0, 1, 2, 3, 4].map((passing) => admit(job(4), places, passing));
    expect(slots).toEqual([0, 2, 3, 0, 2].map((place) => ({ kind: 'wait', slot: waitingSlot(uid, place) })));
  });

  it('waits for active runs from the time when the job allowed several', () => {
    expect(admit(job(0), { active: 2, slots: [] })).toEqual({ kind: 'skip' });
  });

  it('never gives a place that is in use', () => {
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
        fc.nat(2),
        fc.nat(9),
        (max, taken, active, passing) => {
          const slots = [...(active > 0 ? [activeSlot(uid)] : []), ...taken.map((n) => waitingSlot(uid, n))];
          const admission = admit(job(max), { active, slots }, passing);
          if (admission.kind !== 'skip') expect(slots).not.toContain(admission.slot);
          if (admission.kind !== 'wait') return;
          expect(taken.length).toBeLessThan(max);
          expect(Number(admission.slot.split(':w')[1])).toBeLessThan(max);
        },
      ),
    );
  });
});
