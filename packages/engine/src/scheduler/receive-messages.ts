/**
 * From bytes to events: whatever is not valid is told apart here, once, with the reason for the dead-letter queue.
 */
import {
  cutText,
  fieldErrors,
  type HeartbeatMessage,
  heartbeatMessageSchema,
  LIMITS,
  type StatusMessage,
  statusMessageSchema,
} from '@simple-scheduler/contracts';
import type { RunEvent } from '@simple-scheduler/core';
import { cutOutput } from './cut.ts';
import { isNestedDeeper } from './nesting.ts';
import type { IncomingMessage, Settlement } from '../ports/index.ts';

export interface Received {
  readonly jobName: string;
  readonly runId: string;
  readonly event: RunEvent;
}

export type Reception =
  | { readonly ok: true; readonly received: Received }
  | { readonly ok: false; readonly settlement: Settlement };

const decoder = new TextDecoder('utf-8', { fatal: true });

export function receiveStatus(message: IncomingMessage): Reception {
  return receive(message, (json) => {
    const parsed = statusMessageSchema.safeParse(json);
    return parsed.success ? statusReceived(parsed.data) : fieldErrors(parsed.error);
  });
}

export function receiveHeartbeat(message: IncomingMessage): Reception {
  return receive(message, (json) => {
    const parsed = heartbeatMessageSchema.safeParse(json);
    return parsed.success ? heartbeatReceived(parsed.data) : fieldErrors(parsed.error);
  });
}

function receive(
  message: IncomingMessage,
  read: (json: unknown) => Received | { path: string; message: string }[],
): Reception {
  if (message.body.length > LIMITS.messageBytes) return dead(`larger than ${LIMITS.messageBytes} bytes`);
  if (isNestedDeeper(message.body, LIMITS.messageLevels))
    return dead(`nested deeper than ${LIMITS.messageLevels} levels`);
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(message.body));
  } catch {
    return dead('not JSON in UTF-8');
  }
  const result = read(json);
  if (!Array.isArray(result)) return { ok: true, received: result };
  return dead(result.map(({ path, message: text }) => (path === '' ? text : `${path}: ${text}`)).join('; '));
}

const dead = (reason: string): Reception => ({ ok: false, settlement: deadLetter(reason) });

/** For what can never be taken in, whoever tries. */
export const deadLetter = (reason: string): Settlement => ({ kind: 'dead', reason: cutText(reason, 1_000) });

function statusReceived(message: StatusMessage): Received {
  const { attempt, output, error, progress, workerId, retry, retryAfter } = message;
  return {
    jobName: message.jobName,
    runId: message.runId,
    event: {
      kind: 'status',
      status: message.status,
      ...(attempt == null ? {} : { attempt }),
      ...(output === undefined ? {} : { output: cutOutput(output) }),
      ...(error == null
        ? {}
        : { error: cutText(typeof error === 'string' ? error : JSON.stringify(error), LIMITS.errorChars) }),
      ...(progress == null ? {} : { progress }),
      ...(workerId == null ? {} : { workerId }),
      ...(retry == null ? {} : { retry }),
      ...(retryAfter == null ? {} : { retryAfterMs: retryAfter }),
    },
  };
}

function heartbeatReceived(message: HeartbeatMessage): Received {
  const { attempt, progress, message: text } = message;
  return {
    jobName: message.jobName,
    runId: message.runId,
    event: {
      kind: 'heartbeat',
      ...(attempt == null ? {} : { attempt }),
      ...(progress == null ? {} : { progress }),
      ...(text == null ? {} : { message: cutText(text, LIMITS.labelChars) }),
    },
  };
}
