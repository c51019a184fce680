/**
 * Requests under an idempotency key. The first step of one is a record that names the run it will make; then the run is
 * inserted under that id, and what was answered is added to the record. A crash after any step leaves something that the
 * next request with this key goes on from: its insert meets the run of the first, or makes it. Two at once do the same,
 * and neither waits for the other.
 *
 * Whether a run that is not there was never made or is gone already, only the answer tells. The custodian therefore
 * answers what is open before it removes runs (`settleRequests`), none of which ended less than a minute ago; and nobody
 * inserts one for longer than half of that after having looked for the run, and then for the answer.
 */
import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { ContendedError, type RequestRecord, type Store, ValidationError } from '../ports/index.ts';
import type { ApiContext } from '../jobs/context.ts';
import { type ByHand, insertBefore, startByHand } from './start-by-hand.ts';

/** Digests of what the caller sent. */
export interface RequestKey {
  readonly key: string;
  readonly fingerprint: string;
}

export interface Asked {
  /** Keys of different scopes are different keys. */
  readonly scope: string;
  readonly request: RequestKey;
}

/**
 * The run of the first request with this key, as it was answered then. `prepare` says what to start, or throws why not,
 * and is called only where there is no answer yet.
 * @throws ValidationError where the key was used for something else, ContendedError, OutdatedError
 */
export async function startOnce(
  context: ApiContext,
  { scope, request }: Asked,
  prepare: () => Promise<{ job: JobRecord; wish: ByHand }>,
): Promise<RunRecord> {
  const { store, clock, ids } = context;
  const id = `${scope}:${request.key}`;
  const lookedAt = clock.now();
  const latest = insertBefore(context);
  const known = await store.getRequest(id);
  if (known !== null) checkSame(known, request);
  const answered = known === null ? undefined : (known.answer ?? (await answerOf(store, known)));
  if (answered !== undefined) return answered;
  const { job, wish: prepared } = await prepare();
  const kept =
    known ??
    (await store.keepRequest({
      id,
      fingerprint: request.fingerprint,
      runId: ids.runId(lookedAt),
      createdAt: lookedAt,
    }));
  checkSame(kept, request);
  if (kept.answer !== undefined) return kept.answer;
  const { runId, createdAt } = kept;
  const decided = { runId, createdAt };
  const wish = { ...prepared, insertBefore: Math.min(prepared.insertBefore, latest) };
  const run = await startByHand(context, job, { ...wish, decided });
  const answer = run === null ? await answerOf(store, kept) : ((await store.answerRequest(id, run)) ?? run);
  if (answer === undefined) throw new ContendedError('the run of this idempotency key is being removed; try again');
  return answer;
}

/**
 * The answer of a request that was without one: its run, or what somebody has answered since. Undefined where that run was not
 * made before now, as it is looked for before the answer, and none is removed that was not answered for.
 */
async function answerOf(store: Store, { id, runId }: RequestRecord): Promise<RunRecord | undefined> {
  const run = await store.getRun(runId);
  return run === null ? (await store.getRequest(id))?.answer : ((await store.answerRequest(id, run)) ?? run);
}

function checkSame(kept: RequestRecord, { fingerprint }: RequestKey): void {
  if (kept.fingerprint === fingerprint) return;
  throw new ValidationError([{ path: 'Idempotency-Key', message: 'was used for a request with another body' }]);
}

const PAGE = 100;

/** Answers requests whose caller was not told what they made, as its process died in between. */
export async function settleRequests(store: Store): Promise<void> {
  for (let after: string | undefined; ; ) {
    const open = await store.openRequests({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    const runs = new Map((await store.getRuns(open.map(({ runId }) => runId))).map((run) => [run.id, run]));
    for (const { id, runId } of open) {
      const run = runs.get(runId);
      if (run !== undefined) await store.answerRequest(id, run);
    }
    after = open.at(-1)?.id;
    if (open.length < PAGE) return;
  }
}
