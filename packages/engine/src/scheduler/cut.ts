import { cutToJsonBytes, jsonBytes, LIMITS } from '@simple-scheduler/contracts';

/** An output as it is kept: any JSON up to the limit; what is longer becomes its text, cut and marked. */
export function cutOutput(output: unknown): unknown {
  if (jsonBytes(output) <= LIMITS.outputBytes) return output;
  return cutToJsonBytes(typeof output === 'string' ? output : JSON.stringify(output), LIMITS.outputBytes);
}
