import { StoreUnavailableError } from '@simple-scheduler/engine';

/** What a document that a bulk of guarded updates went for says afterwards. */
export type Verdict =
  /** It bears our mark: we changed it, whatever happened to it since. */
  | 'ours'
  /** We cannot have changed it. */
  | 'not_ours'
  /** Others have changed it since; whether we did before them, it does not say. */
  | 'unknown';

/**
 * The server says how many documents a bulk changed, not which. Each update therefore leaves a mark of its call in the
 * document, and where fewer were changed than asked for, the marks are read back. Between the two, others may have put
 * their mark over ours; the count tells whether that happened to all or to none of the documents that do not say.
 * Returns the indexes of those that are ours.
 *
 * @throws StoreUnavailableError in the remaining case, some but not all. It takes a second update by others on top of
 *   ours, within a millisecond or two, in the same batch as a conflict. No answer would be right then; as after a lost
 *   reply, the caller repeats, and every update of the batch is a conflict.
 */
export function settleMarked(verdicts: readonly Verdict[], changedCount: number): Set<number> {
  const withVerdict = (wanted: Verdict): number[] => verdicts.flatMap((verdict, i) => (verdict === wanted ? [i] : []));
  const ours = withVerdict('ours');
  const unknown = withVerdict('unknown');
  const overwritten = changedCount - ours.length;
  if (overwritten === 0) return new Set(ours);
  if (overwritten === unknown.length) return new Set([...ours, ...unknown]);
  throw new StoreUnavailableError(
    `MongoDB is not available: ${overwritten} of ${unknown.length} records were changed again before their outcome was read`,
  );
}
