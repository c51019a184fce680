import { setTimeout as sleep } from 'node:timers/promises';

/** At once where the moment (epoch ms) has passed. */
export function sleepUntil(at: number): Promise<void> {
  return sleep(Math.max(0, at - Date.now()));
}
