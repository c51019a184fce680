import type { ActionMessage, Topology } from '@simple-scheduler/contracts';
import type { RetryWish } from './retry-wishes.ts';

/** How a run ended here. */
export type EndedHere = 'completed' | 'failed' | 'cancelled';

export interface Outcome extends RetryWish {
  readonly status: EndedHere;
  readonly output?: unknown;
  readonly error?: string;
}

/** A status on its way, with the exchange that it goes to. */
export interface Report {
  readonly topology: Topology;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();

/** `attempt` is repeated as it came: a scheduler that names none means the current one. */
export function statusReport(
  topology: Topology,
  action: ActionMessage,
  fields: Omit<Outcome, 'status'> & { readonly status: 'running' | EndedHere; readonly workerId: string },
): Report {
  return { topology, body: encode({ ...identityOf(action), ...fields }) };
}

export function heartbeatReport(
  topology: Topology,
  action: ActionMessage,
  fields: { progress?: number; message?: string },
): Report {
  return { topology, body: encode({ ...identityOf(action), ...fields }) };
}

function identityOf({ jobName, runId, attempt }: ActionMessage): object {
  return { jobName, runId, ...(attempt === undefined ? {} : { attempt }) };
}

function encode(message: object): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}
