import { type ActionMessage, actionMessageSchema, fieldErrors, LIMITS } from '@simple-scheduler/contracts';
import type { Run } from './handler.ts';

export type ParsedAction =
  | { readonly ok: true; readonly action: ActionMessage }
  | { readonly ok: false; readonly problem: string };

const decoder = new TextDecoder('utf-8', { fatal: true });

/** From the bytes of an action message to its fields, or to what is wrong with it. */
export function parseAction(body: Uint8Array): ParsedAction {
  if (body.byteLength > LIMITS.bodyBytes) return { ok: false, problem: `larger than ${LIMITS.bodyBytes} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(body));
  } catch {
    return { ok: false, problem: 'not JSON in UTF-8' };
  }
  const parsed = actionMessageSchema.safeParse(json);
  if (parsed.success) return { ok: true, action: parsed.data };
  const problems = fieldErrors(parsed.error).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  return { ok: false, problem: problems.join('; ') };
}

/** A scheduler that does not say is at its first. */
export function attemptOf(action: ActionMessage): number {
  return action.attempt ?? 1;
}

export function runOf(action: ActionMessage): Run {
  const { jobName, runId, payload, executionTimeout, heartbeatTimeout } = action;
  const scheduledAt = action.scheduledAt === undefined ? undefined : new Date(action.scheduledAt);
  const isInstant = scheduledAt !== undefined && !Number.isNaN(scheduledAt.getTime());
  return {
    jobName,
    runId,
    attempt: attemptOf(action),
    payload,
    ...(isInstant ? { scheduledAt } : {}),
    ...(isDuration(executionTimeout) ? { executionTimeoutMs: executionTimeout } : {}),
    ...(isDuration(heartbeatTimeout) ? { heartbeatTimeoutMs: heartbeatTimeout } : {}),
  };
}

const isDuration = (ms: number | undefined): ms is number => ms !== undefined && ms > 0;
