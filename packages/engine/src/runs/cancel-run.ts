import { changeBetween, transition } from '@simple-scheduler/core';
import { ContendedError, RunEndedError } from '../ports/index.ts';
import { type ApiContext, TRIES_MAX } from '../jobs/context.ts';
import { publishSoon } from '../jobs/tell-bus.ts';
import { promoteWaiting } from '../scheduler/promote-waiting.ts';
import { countEnd } from '../scheduler/update-runs.ts';
import { getRun } from './find-runs.ts';

/**
 * Asks for a run to be given up. A run that waits, for its turn or for its retry, is cancelled at once, any other when
 * its worker says so or its `cancelTimeout` is over. Cancelling a run that is cancelling or cancelled is no error.
 * @throws NotFoundError, RunEndedError where it ended otherwise, ContendedError
 */
export async function cancelRun(context: ApiContext, id: string): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const run = await getRun(context, id);
    if (run.status === 'cancelling' || run.status === 'cancelled') return;
    const result = transition(run, { kind: 'cancel', reason: 'requested' }, context.clock.now());
    if (result.kind === 'ignored') throw new RunEndedError(`run "${id}" has ended: it is ${run.status}`);
    const change = changeBetween(run, result.run);
    const [outcome] = await context.store.updateRuns([{ id, rev: run.rev, change }]);
    if (outcome !== 'updated') continue;
    countEnd(context, result.run);
    if (result.run.endedAt === undefined) {
      await publishSoon(context, [{ ...result.run, rev: run.rev + 1 }]);
      return;
    }
    // It may have held its job's only place while it waited for its retry.
    await publishSoon(context, await promoteWaiting(context, [result.run.jobUid]));
    return;
  }
  throw new ContendedError(`run "${id}" is being changed by others; try again`);
}
