import type { JobRecord, RunRecord } from '@simple-scheduler/core';

/** What a write did, in a line, with times from the start of the simulation. */
export function jobStory(startAt: number, before: JobRecord | undefined, after: JobRecord | undefined): string {
  if (!before) return `created next ${(after?.nextRunAt ?? 0) - startAt}`;
  if (!after) return 'deleted';
  const parts: string[] = [];
  if (before.managerId !== after.managerId)
    parts.push(
      `${before.managerId?.slice(0, 4) ?? 'free'} → ${after.managerId?.slice(0, 4) ?? 'free'} token ${after.leaseToken}`,
    );
  if (before.nextRunAt !== after.nextRunAt)
    parts.push(`next ${(before.nextRunAt ?? Number.NaN) - startAt} → ${(after.nextRunAt ?? Number.NaN) - startAt}`);
  if (before.revision !== after.revision) parts.push(`revision ${after.revision}${after.enabled ? '' : ' paused'}`);
  return parts.join(', ');
}

export function runStory(startAt: number, before: RunRecord | undefined, after: RunRecord): string {
  const state = `${after.status}${after.waiting ? ' waiting' : ''}${after.owes ? ` owes ${after.owes}` : ''} attempt ${after.attempt} slot ${after.slot?.slice(25) ?? '-'}`;
  if (!before)
    return `${after.trigger} tick ${after.scheduledAt - startAt}${after.spanCount ? ` ×${after.spanCount}` : ''}: ${state}`;
  return `rev ${after.rev}: ${state}`;
}
