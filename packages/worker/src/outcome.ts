/** What a handler returned or threw, as a status carries it. */
import { inspect } from 'node:util';
import { cutText, cutToJsonBytes, LIMITS } from '@simple-scheduler/contracts';

const STACK_LINES = 6;
const CAUSES_MAX = 3;
/** A status is a list or object itself. Schedulers take no message that is nested deeper: its run would never end. */
const OUTPUT_LEVELS = LIMITS.messageLevels - 1;
/** Getters, proxies and inspectors of their own may throw when they are looked at. */
const UNREADABLE = '(what was thrown cannot be read)';

export type EncodedOutput =
  | { readonly ok: true; readonly output: unknown; readonly isCut: boolean }
  | { readonly ok: false; readonly error: string };

/**
 * Output as plain JSON values; `undefined` where there is none. What is too long or nested too deep becomes its own text,
 * cut and marked.
 */
export function encodeOutput(value: unknown): EncodedOutput {
  if (value === undefined) return { ok: true, output: undefined, isCut: false };
  let json: string | undefined;
  try {
    json = JSON.stringify(value) as string | undefined;
  } catch (error) {
    return { ok: false, error: `the output cannot be sent as JSON: ${messageOf(error)}` };
  }
  if (json === undefined) return { ok: false, error: `the output cannot be sent as JSON: it is a ${typeof value}` };
  if (Buffer.byteLength(json) <= LIMITS.outputBytes) {
    const output: unknown = JSON.parse(json);
    if (!isNestedDeeper(output, OUTPUT_LEVELS)) return { ok: true, output, isCut: false };
  }
  return {
    ok: true,
    output: cutToJsonBytes(typeof value === 'string' ? value : json, LIMITS.outputBytes),
    isCut: true,
  };
}

/** Message, the first lines of the stack and causes; at most `LIMITS.errorChars`. Never throws, whatever was thrown. */
export function errorText(thrown: unknown): string {
  const texts: string[] = [];
  try {
    texts.push(describe(thrown));
    let cause = causeOf(thrown);
    for (let depth = 0; cause !== undefined && depth < CAUSES_MAX; depth++) {
      texts.push(`caused by: ${describe(cause)}`);
      cause = causeOf(cause);
    }
  } catch {
    texts.push(UNREADABLE);
  }
  return cutText(texts.join('\n'), LIMITS.errorChars);
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}

/** Level by level, as recursion would end with a deep one's stack. */
function isNestedDeeper(value: unknown, levels: number): boolean {
  let level = [value].filter(isNest);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    level = level.flatMap((nest) => Object.values(nest)).filter(isNest);
  }
  return false;
}

const isNest = (value: unknown): value is object => typeof value === 'object' && value !== null;

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
