// The limit of a peer that repeats by itself, by the criterion and the trials of ours.
import { MOVES_TICKS, type PeerName } from '@simple-scheduler/bench-peers';
import { isInTime, measureLimit, type Trial } from '../limit-trials.ts';
import type { Workload } from '../workloads/workload.ts';
import { type PeerPunctuality, peerPunctuality } from './punctuality.ts';

export const peerLimit: Workload = (context) =>
  measureLimit(context, {
    measure: peerPunctuality,
    isSustained: (result, trial) => isSustainedBy(context.parameters.peer, result, trial),
    inShort,
  });

/**
 * None missed, none doubled, p99 of the lateness at most as ours. A peer that counts each interval from when the job ran last
 * moves all later ticks by that lateness. It says of none of them that it is late, and has fewer in the end; for it, none is
 * missed if the jobs, taken together, are at most one interval behind the times that they were set to when the whole time is
 * over: one tick each. That is the lateness that the others may have. In shorter trials they may be behind in proportion.
 */
export function isSustainedBy(
  peer: PeerName,
  { latenessMs, ticks }: Pick<PeerPunctuality, 'latenessMs' | 'ticks'>,
  { jobs, share }: Trial,
): boolean {
  return ticks.missed <= (MOVES_TICKS[peer] ? jobs * share : 0) && ticks.doubled === 0 && isInTime(latenessMs);
}

function inShort({ latenessMs, ticks, runsPerSecond }: PeerPunctuality): Record<string, unknown> {
  return { p99: latenessMs?.p99, missed: ticks.missed, runsPerSecond };
}
