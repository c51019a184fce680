import type { RunUpdate } from '@simple-scheduler/engine';

/** Updates that one statement can make. */
export interface UpdateGroup {
  /** Where they are in the batch. */
  readonly indexes: readonly number[];
  readonly ids: readonly string[];
  readonly rev: number;
  readonly change: RunUpdate['change'];
}

/**
 * Updates of the same `rev` by the same change go together: batches mostly hold a few kinds of change, and one statement
 * costs the server half of what its updates cost one by one. An update that sets a slot stays alone, since it may be
 * refused; those come last, so that slots which the same batch gives up are free by then.
 */
export function groupUpdates(updates: readonly RunUpdate[]): UpdateGroup[] {
  const entries = updates.map((update, index) => ({ update, index }));
  const groups = Map.groupBy(entries, ({ update, index }) => {
    const { set, unset } = update.change;
    const alone = takesSlot(update) ? index : null;
    return JSON.stringify([update.rev, set, unset, alone]);
  });
  return [...groups.values()]
    .map((members): UpdateGroup => {
      const { rev, change } = (members[0] as (typeof entries)[number]).update;
      return {
        indexes: members.map((member) => member.index),
        ids: members.map((member) => member.update.id),
        rev,
        change,
      };
    })
    .sort((a, b) => Number(takesSlot(a)) - Number(takesSlot(b)));
}

function takesSlot({ change }: Pick<RunUpdate, 'change'>): boolean {
  return change.set.slot !== undefined;
}
