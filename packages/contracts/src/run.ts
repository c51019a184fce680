import { z } from 'zod';
import { instantField, nameField, runIdField } from './fields.ts';
import { payloadField } from './payload.ts';
import { REASONS, RUN_STATUSES, TRIGGERS } from './vocabulary.ts';

export const attemptSchema = z
  .object({
    attempt: z.number().int(),
    startTime: instantField.optional(),
    endTime: instantField,
    outcome: z.enum(['lost', 'failed']).meta({ description: '`lost`: its heartbeats stopped.' }),
    error: z.string().optional(),
    workerId: z.string().optional(),
  })
  .meta({ id: 'Attempt', description: 'An earlier try of a run.' });

/** A run as the API shows it. Absent is absent. */
export const runSchema = z
  .object({
    id: runIdField,
    jobName: nameField,
    status: z.enum(RUN_STATUSES),
    trigger: z.enum(TRIGGERS),
    scheduledAt: instantField.meta({ description: 'The tick; for runs asked for by hand, when they were asked for.' }),
    createdTime: instantField,
    publishedAt: instantField.optional(),
    startTime: instantField.optional(),
    endTime: instantField.optional(),
    heartbeat: instantField.optional(),
    attempt: z.number().int().min(1),
    attempts: z.array(attemptSchema).optional(),
    nextRetryAt: instantField.optional(),
    reason: z.enum(REASONS).optional(),
    progress: z.number().min(0).max(1).optional(),
    message: z.string().optional().meta({ description: "What the worker's last heartbeat said." }),
    output: z.unknown().optional(),
    error: z.string().optional(),
    workerId: z.string().optional(),
    parentRunId: runIdField.optional(),
    payload: payloadField.optional(),
    from: instantField.optional().meta({ description: 'First tick of a row of skipped ones.' }),
    to: instantField.optional().meta({ description: 'Last tick of a row of skipped ones.' }),
    count: z.number().int().optional().meta({ description: 'Ticks in a row of skipped ones.' }),
  })
  .meta({ id: 'Run', description: 'One execution of a job, or the record of a tick that started none.' });
export type Run = z.output<typeof runSchema>;

/** `POST /jobs/:name/run`. */
export const runNowSchema = z
  .strictObject({ payload: payloadField.optional() })
  .meta({ id: 'RunNow', description: "A run asked for by hand; `payload` replaces the job's." });
