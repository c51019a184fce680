/** What a handler returned or threw, as a status carries it. */
import { inspect } from 'node:util';
import { cutText, cutToJsonBytes, LIMITS } from '@simple-scheduler/contracts';

const STACK_LINES = 6;
const CAUSES_MAX = 3;

export type EncodedOutput =
  | { readonly ok: true; readonly output: unknown; readonly isCut: boolean }
  | { readonly ok: false; readonly error: string };

/** Output as plain JSON values; `undefined` where there is none. Past the limit it becomes its own text, cut and marked. */
export function encodeOutput(value: unknown): EncodedOutput {
  if (value === undefined) return { ok: true, output: undefined, isCut: false };
  let json: string | undefined;
  try {
    json = JSON.stringify(value) as string | undefined;
  } catch (error) {
    return { ok: false, error: `the output cannot be sent as JSON: ${messageOf(error)}` };
  }
  if (json === undefined) return { ok: false, error: `the output cannot be sent as JSON: it is a ${typeof value}` };
  if (Buffer.byteLength(json) <= LIMITS.outputBytes) return { ok: true, output: JSON.parse(json), isCut: false };
  return {
    ok: true,
    output: cutToJsonBytes(typeof value === 'string' ? value : json, LIMITS.outputBytes),
    isCut: true,
  };
}

/** Message, the first lines of the stack and causes; at most `LIMITS.errorChars`. */
export function errorText(thrown: unknown): string {
  let text = describe(thrown);
  let cause = thrown instanceof Error ? thrown.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < CAUSES_MAX; depth++) {
    text += `\ncaused by: ${describe(cause)}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return cutText(text, LIMITS.errorChars);
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 2 });
  const lines = (typeof thrown.stack === 'string' ? thrown.stack : '').split('\n');
  const frames = lines.filter((line) => /^\s+at /.test(line)).slice(0, STACK_LINES);
  return [`${thrown.name}: ${thrown.message}`, ...frames].join('\n');
}

function messageOf(error: unknown): string {
  // The platform explains a cycle on several lines.
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string;
}
