import type { RuntimeLog } from '../logging/log.ts';

export interface Shutdown {
  /** Aborted when the process is asked to stop. Pass it to whatever waits while the service starts. */
  readonly signal: AbortSignal;
  /** Registers something to stop. What was added last is stopped first. Added while stopping: stopped too, also when all else has ended. */
  add(name: string, stop: () => Promise<void> | void): void;
  /** Stops everything, once; resolves with whether each step ended in time. */
  run(reason: string): Promise<boolean>;
}

interface Step {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

export interface ShutdownOptions {
  readonly log: RuntimeLog;
  readonly timeoutMs: number;
}

/** Kept for each step that is still to come, so that one that hangs does not keep locks from being given back. */
const RESERVE_SHARE = 0.1;

export function createShutdown({ log, timeoutMs }: ShutdownOptions): Shutdown {
  const steps: Step[] = [];
  const abort = new AbortController();
  let result: Promise<boolean> | undefined;
  let deadlineAt = 0;
  let isPastLast = false;

  async function stopAll(): Promise<boolean> {
    deadlineAt = performance.now() + timeoutMs;
    let clean = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      clean = (await stopStep(step)) && clean;
    }
    isPastLast = true;
    return clean;
  }

  async function stopStep({ name, stop }: Step): Promise<boolean> {
    const reservedMs = Math.min(steps.length, 5) * RESERVE_SHARE * timeoutMs;
    const leftMs = Math.max(RESERVE_SHARE * timeoutMs * 0.5, deadlineAt - performance.now() - reservedMs);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), leftMs);
    });
    try {
      if ((await Promise.race([Promise.resolve(stop()), late])) !== 'late') return true;
      log.error({ step: name, waitedMs: Math.round(leftMs) }, 'did not stop in time; going on without it');
    } catch (error) {
      log.error({ step: name, error }, 'failed to stop; going on');
    } finally {
      clearTimeout(timer);
    }
    return false;
  }

  return {
    signal: abort.signal,
    add: (name, stop) => {
      // What was still being opened when the process was asked to stop may arrive when nobody looks for more to stop.
      if (isPastLast) void stopStep({ name, stop });
      else steps.push({ name, stop });
    },
    run: (reason) => {
      if (result === undefined) {
        log.info({ reason }, 'stopping');
        abort.abort(new Error(`stopping: ${reason}`));
        result = stopAll();
      }
      return result;
    },
  };
}
