import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { durationMs, wholeNumber } from '../values.ts';

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** How much of each job's past is kept, unless the job says otherwise. */
export interface RetentionSettings {
  /** Newest run records of a job; 0: no bound. */
  readonly retentionCount: number;
  /** Time from the end of a run; 0: no bound. */
  readonly retentionAgeMs: number;
}

export const retentionSettings: SettingsPart<RetentionSettings> = definePart(
  {
    retentionCount: {
      name: 'RETENTION_COUNT',
      help: 'Newest run records that are kept of each job; 0: no bound.',
      example: '1000',
      fallback: '1000',
      schema: wholeNumber({ min: 0, max: 1_000_000 }),
    },
    retentionAgeMs: {
      name: 'RETENTION_AGE',
      help: 'How long records of ended runs are kept, ms; 0: no bound.',
      example: '2592000000',
      fallback: '2592000000',
      schema: durationMs({ min: 0, max: TEN_YEARS_MS }),
    },
  },
  (values) => values,
);
