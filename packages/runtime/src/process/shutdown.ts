import type { RuntimeLog } from '../logging/log.ts';

export interface Shutdown {
  /** Aborted when the process is asked to stop. Pass it to whatever waits while the service starts. */
  readonly signal: AbortSignal;
  /** Registers something to stop. What was added last is stopped first. Added while stopping: stopped too. */
  add(name: string, stop: () => Promise<void> | void): void;
  /** Stops everything, once; resolves with whether each step ended in time. */
  run(reason: string): Promise<boolean>;
}

export interface ShutdownOptions {
  readonly log: RuntimeLog;
  readonly timeoutMs: number;
}

/** Kept for each step that is still to come, so that one that hangs does not keep locks from being given back. */
const RESERVE_SHARE = 0.1;

export function createShutdown({ log, timeoutMs }: ShutdownOptions): Shutdown {
  const steps: { name: string; stop: () => Promise<void> | void }[] = [];
  const abort = new AbortController();
  let result: Promise<boolean> | undefined;

  async function stopAll(): Promise<boolean> {
    const deadlineAt = performance.now() + timeoutMs;
    let clean = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const reservedMs = Math.min(steps.length, 5) * RESERVE_SHARE * timeoutMs;
      const leftMs = Math.max(RESERVE_SHARE * timeoutMs * 0.5, deadlineAt - performance.now() - reservedMs);
      clean = (await stopStep(step, leftMs)) && clean;
    }
    return clean;
  }

  async function stopStep({ name, stop }: (typeof steps)[number], leftMs: number): Promise<boolean> {
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
    add: (name, stop) => steps.push({ name, stop }),
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
