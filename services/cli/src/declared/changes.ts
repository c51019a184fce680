import { isDeepStrictEqual } from 'node:util';
import { JOB_DEFAULTS, SETTABLE_JOB_FIELDS } from '@simple-scheduler/contracts';
import type { Job, JobCreate, JobInput } from '@simple-scheduler/contracts';

/** One field that is not as declared; absent is absent. */
export interface FieldChange {
  readonly field: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** A job as files write it. */
export type Declaration = Omit<JobInput, 'meta'> & { readonly meta?: Record<string, string> };

/** What it takes to make a job what is declared; for a new one, every field that is not as it would be anyway. */
export function changesTo(present: Job | undefined, declared: JobCreate): FieldChange[] {
  const from = present === undefined ? DEFAULTS : settableOf(present);
  const to = settableOf(declared);
  return SETTABLE_JOB_FIELDS.filter((field) => {
    if (isDeepStrictEqual(from[field], to[field])) return false;
    return field !== 'nextRunAt' || present === undefined || isWishToMove(present, declared);
  }).map((field) => ({
    field,
    ...(from[field] === undefined || present === undefined ? {} : { from: from[field] }),
    ...(to[field] === undefined ? {} : { to: to[field] }),
  }));
}

/** The job as a file declares it: what is as it would be anyway is left out. */
export function declarationOf(job: Job, options: { readonly nextRunAt: boolean }): Declaration {
  const isScheduled = job.interval !== undefined || job.cron !== undefined;
  const fields = Object.entries(settableOf(job)).filter(
    ([field, value]) =>
      value !== undefined &&
      !isDeepStrictEqual(value, DEFAULTS[field]) &&
      (field !== 'nextRunAt' || !isScheduled || options.nextRunAt),
  );
  return { name: job.name, ...(Object.fromEntries(fields) as Omit<Declaration, 'name'>) };
}

const DEFAULTS: Fields = { ...JOB_DEFAULTS, target: { type: 'worker' } };
const INSTANTS: readonly string[] = ['nextRunAt', 'startAt', 'endAt'];

function settableOf(job: Job | JobCreate): Fields {
  const values = SETTABLE_JOB_FIELDS.map((field) => {
    const value = (job as Fields)[field];
    return [field, INSTANTS.includes(field) && typeof value === 'string' ? new Date(value).toISOString() : value];
  });
  return Object.fromEntries(values) as Fields;
}

/**
 * A schedule that is not told its next run keeps the one that it has; a time that the job has passed on its way is where
 * it began. The API reads a replacement in the same way.
 */
function isWishToMove(present: Job, declared: JobCreate): boolean {
  const isScheduled = declared.interval !== undefined || declared.cron !== undefined;
  if (declared.nextRunAt === undefined) return !isScheduled;
  const wishedMs = Date.parse(declared.nextRunAt);
  const presentMs = Date.parse(present.nextRunAt ?? present.completedAt ?? '');
  if (!(wishedMs <= presentMs)) return true;
  return declared.interval !== undefined && (presentMs - wishedMs) % declared.interval !== 0;
}
