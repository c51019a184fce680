import type { Process } from '../world/process.ts';

const BACKOFF_MS = 300;

export interface SimLoop {
  wake(): void;
}

/** The loop that a service runs a turn with, on virtual time: no turn overlaps itself, errors are tried again. */
export function loop(
  process: Process,
  turn: () => Promise<number | null | void>,
  intervalMs: number,
  onError: (error: unknown) => void,
): SimLoop {
  let armed = 0;
  let running = false;
  let again = false;

  async function go(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    let nextAt: number | null | void;
    try {
      nextAt = await turn();
    } catch (error) {
      onError(error);
      nextAt = process.now() + BACKOFF_MS;
    }
    running = false;
    if (again) {
      again = false;
      arm(0);
    } else arm(nextAt == null ? intervalMs : Math.min(intervalMs, Math.max(0, nextAt - process.now())));
  }

  function arm(delayMs: number): void {
    armed += 1;
    const mine = armed;
    process.timer(delayMs, () => {
      if (mine === armed) void go();
    });
  }

  arm(0);
  return {
    wake: () => {
      if (running) again = true;
      else arm(0);
    },
  };
}
