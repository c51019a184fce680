/** Timers of Node count in signed 32 bits: a longer one would fire at once. */
export const TIMER_LIMIT_MS: number = 2 ** 31 - 1;

/** One timer that may be set further away than timers of Node reach. Setting it again replaces it. */
export interface Alarm {
  set(delayMs: number): void;
  clear(): void;
}

export function createAlarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  const set = (delayMs: number): void => {
    clearTimeout(timer);
    if (delayMs > TIMER_LIMIT_MS) timer = setTimeout(() => set(delayMs - TIMER_LIMIT_MS), TIMER_LIMIT_MS);
    else timer = setTimeout(ring, Math.max(0, delayMs));
  };
  return { set, clear: () => clearTimeout(timer) };
}
