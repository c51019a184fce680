import { z } from 'zod';
import { instantField, runIdField } from './fields.ts';
import { REASONS, TICK_OUTCOMES, TRIGGERS } from './vocabulary.ts';

/** A tick in the ledger of its job. Absent is absent. */
export const tickSchema = z
  .object({
    scheduledAt: instantField.meta({ description: 'When it was, or is, due.' }),
    outcome: z.enum(TICK_OUTCOMES).meta({
      description:
        'Status of its run; `skipped`: it started none; `due`: not recorded yet; `missing`: it has no record and should.',
    }),
    reason: z.enum(REASONS).optional(),
    trigger: z.enum(TRIGGERS).optional(),
    runId: runIdField.optional().meta({ description: 'Its run, or the record that it was skipped.' }),
    from: instantField.optional().meta({ description: 'First tick of a row of skipped ones.' }),
    to: instantField.optional().meta({ description: 'Last tick of a row of skipped ones.' }),
    count: z.number().int().optional().meta({ description: 'Ticks in a row of skipped ones.' }),
  })
  .meta({ id: 'Tick', description: 'A moment at which a job is due, and what became of it.' });
export type Tick = z.output<typeof tickSchema>;
