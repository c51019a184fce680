/**
 * The indexes, by collection. Their keys are in `migrations/`; what each one is for:
 *
 * jobs
 * - `name`: unique among jobs; tombstones have no name. Lists by name and prefix.
 * - `enabled_name`, `labels_enabled_name`: lists filtered by these, in order of the name.
 * - `free`: jobs that can be taken, soonest first, and nothing else: advancing a held job does not touch it.
 * - `held`: a manager's jobs by name. Its `updatedAt` is of use to older versions, which look for changes in it.
 * - `changed`: a manager's jobs by their last edit, so that a look for changes reads those and no others.
 * - `deletedAt`: tombstones.
 *
 * runs: each run is written three or four times in its life, so there are few, and all but `watchAt` are touched only
 * when it is made and when it ends (see `Phase`).
 * - `tickKey`, `slot`: unique where present.
 * - `watchAt`: where present, which it is on live runs.
 * - `live`: the live runs of a job, by id.
 * - `waiting`: those of them that wait, and no others. Whenever a run ends, its job's are looked for: mostly there are none, and in
 *   `live` that look would go through what ended in the last minutes, which MongoDB keeps for readers of the past.
 * - `phase_id`, `jobName_phase_id`: lists, newest first.
 * - `cancelling_id`: the few live runs that are `cancelling`, newest first; no others are in it.
 * - `jobUid_scheduledAt`: a job's ticks in order, and what retention takes of them. Written once, and once more at the end.
 *
 * requests
 * - `createdAt`: those that are forgotten.
 * - `open`: those without an answer, by id, and nothing else.
 */
export const JOB_INDEX = {
  name: 'name',
  enabledName: 'enabled_name',
  labelsEnabledName: 'labels_enabled_name',
  free: 'free',
  held: 'held',
  changed: 'changed',
  deletedAt: 'deletedAt',
} as const;

export const RUN_INDEX = {
  tickKey: 'tickKey',
  slot: 'slot',
  watchAt: 'watchAt',
  live: 'live',
  waiting: 'waiting',
  phaseId: 'phase_id',
  cancellingId: 'cancelling_id',
  jobNamePhaseId: 'jobName_phase_id',
  jobUidScheduledAt: 'jobUid_scheduledAt',
} as const;

export const REQUEST_INDEX = {
  createdAt: 'createdAt',
  open: 'open',
} as const;
