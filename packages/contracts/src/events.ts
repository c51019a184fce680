import { z } from 'zod';
import { nameField, runIdField } from './fields.ts';
import { jobSchema } from './job.ts';
import { runSchema } from './run.ts';
import { EVENT_KINDS } from './vocabulary.ts';

/** `GET /events`. */
export const eventsQuerySchema = z.object({
  jobName: nameField.optional().meta({ description: 'Only this job and its runs.' }),
});

/** The data of each server-sent event, by its name. */
export const eventDataSchemas = {
  ready: z.object({ kinds: z.array(z.enum(EVENT_KINDS)) }),
  reset: z.object({}),
  'job.changed': jobSchema,
  'job.deleted': z.object({ name: nameField }),
  'run.changed': runSchema,
  'run.deleted': z.object({ id: runIdField }),
};
const NAMES = Object.keys(eventDataSchemas) as (keyof typeof eventDataSchemas)[];

/** One server-sent event, by the fields of its form (HTML standard, section 9.2). */
export const eventSchema = z
  .object({
    event: z.enum(NAMES),
    id: z.string().optional().meta({ description: 'For `Last-Event-ID`. They sort in the order of the changes.' }),
    data: z.string().meta({
      description: 'Of `run.changed` and `job.changed` a Run and a Job.',
      contentMediaType: 'application/json',
    }),
    retry: z.number().int().optional().meta({ description: 'Come back after so many ms.' }),
  })
  .meta({ id: 'Event', description: 'A server-sent event.' });
export type EventName = keyof typeof eventDataSchemas;
