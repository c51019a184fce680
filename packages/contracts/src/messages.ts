import { z } from 'zod';
import { nameField, runIdField } from './fields.ts';
import { ACTIONS, LIMITS, WIRE_STATUSES } from './vocabulary.ts';

const attemptField = z.number().int().min(1).max(1_000_000);
const progressField = z.number().min(0).max(1);
const labelField = z.string().max(LIMITS.labelChars);

/**
 * A status as workers send it: `{"jobName","runId","status"}` is enough. Unknown fields are allowed (workers may be
 * newer than we are) and dropped. `error` may be text or any JSON, which is kept as text.
 */
export const statusMessageSchema = z.object({
  jobName: nameField,
  runId: runIdField,
  status: z.enum(WIRE_STATUSES),
  attempt: attemptField.nullish(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
  progress: progressField.nullish(),
  workerId: labelField.nullish(),
  /** With `failed`: false for no further attempt, and how many ms later to try again. */
  retry: z.boolean().nullish(),
  retryAfter: z.number().int().min(0).max(LIMITS.durationMs).nullish(),
});
export type StatusMessage = z.output<typeof statusMessageSchema>;

export const heartbeatMessageSchema = z.object({
  jobName: nameField,
  runId: runIdField,
  attempt: attemptField.nullish(),
  progress: progressField.nullish(),
  message: z.string().nullish(),
});
export type HeartbeatMessage = z.output<typeof heartbeatMessageSchema>;

/** What workers receive. Everything after `action` is an addition that a worker may ignore. */
export const actionMessageSchema = z.object({
  jobName: nameField,
  runId: runIdField,
  action: z.enum(ACTIONS),
  attempt: attemptField.optional(),
  scheduledAt: z.string().optional(),
  payload: z.unknown().optional(),
  executionTimeout: z.number().optional(),
  heartbeatTimeout: z.number().optional(),
  target: z.unknown().optional(),
});
export type ActionMessage = z.output<typeof actionMessageSchema>;

/** What schedulers and the API tell each other on the fanout exchange `scheduler.control`; a hint, never the truth. */
export const controlMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job_changed'), names: z.array(nameField).max(1_000) }),
  z.object({ type: z.literal('jobs_freed') }),
  z.object({ type: z.literal('scheduler_joined'), managerId: z.string() }),
]);
export type ControlMessage = z.output<typeof controlMessageSchema>;
