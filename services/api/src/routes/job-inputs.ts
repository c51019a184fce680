import {
  type FieldError,
  instantField,
  JOB_DEFAULTS,
  jobsQuerySchema,
  LIMITS,
  nameField,
  runIdField,
} from '@simple-scheduler/contracts';
import { boundProblems, scheduleProblems } from '@simple-scheduler/engine';
import { z } from 'zod';

export const jobPath: z.ZodObject<{ name: typeof nameField }> = z.object({ name: nameField });
export const runPath: z.ZodObject<{ id: typeof runIdField }> = z.object({ id: runIdField });

/** What is said of fields together is said also where the value of one is wrong, so that one answer tells everything. */
export const EVEN_WHEN_INVALID = { when: (): boolean => true };

/** What the rules between a job's fields have against a body, as far as it can be told from the body alone. */
export function jobRules(body: unknown): FieldError[] {
  const { cron, timezone, startAt, endAt, nextRunAt } = z.looseObject({}).catch({}).parse(body);
  return [
    ...scheduleProblems({
      timezone: typeof timezone === 'string' ? timezone : JOB_DEFAULTS.timezone,
      ...(typeof cron === 'string' ? { cron } : {}),
    }),
    ...boundProblems({ ...timeOf('startAt', startAt), ...timeOf('endAt', endAt) }, timeOf('at', nextRunAt).at),
  ];
}

function timeOf<N extends string>(name: N, text: unknown): { [K in N]?: number } {
  const instant = instantField.safeParse(text);
  return (instant.success ? { [name]: Date.parse(instant.data) } : {}) as { [K in N]?: number };
}

const LABEL = 'meta.';
const QUERY_FIELDS = Object.keys(jobsQuerySchema.shape);

/** The query of `GET /jobs`, with its labels; what else is in it is refused. */
export const jobsQuery: z.ZodObject<typeof jobsQuerySchema.shape, z.core.$catchall<z.ZodUnknown>> = jobsQuerySchema
  .catchall(z.unknown())
  .superRefine((query, ctx) => {
    for (const [key, value] of Object.entries(query)) {
      if (QUERY_FIELDS.includes(key)) continue;
      const message = key.startsWith(LABEL) ? labelProblem(key, value) : 'is not a known parameter';
      if (message !== undefined) ctx.addIssue({ code: 'custom', path: [key], message, input: value });
    }
  }, EVEN_WHEN_INVALID);

function labelProblem(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is given more than once';
  const chars = LIMITS.metaChars;
  return key.length - LABEL.length > chars || value.length > chars ? `is longer than ${chars} characters` : undefined;
}

/** The labels that a query asks for; undefined: none. */
export function labelsOf(query: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  const labels = Object.entries(query).filter(([key]) => key.startsWith(LABEL));
  if (labels.length === 0) return undefined;
  return Object.fromEntries(labels.map(([key, value]) => [key.slice(LABEL.length), String(value)]));
}
