import type { SchedulerError } from '@simple-scheduler/engine';
import { ListenError } from '../health/listen.ts';
import { createReadiness } from '../health/readiness.ts';
import type { Readiness } from '../health/readiness.ts';
import { createLog } from '../logging/log.ts';
import type { RuntimeLog } from '../logging/log.ts';
import { createMeter } from '../metrics/meter.ts';
import type { PrometheusMeter } from '../metrics/meter.ts';
import type { Environment } from '../settings/environment.ts';
import { loadSettingsOrExit } from '../settings/load.ts';
import type { Verify } from '../settings/load.ts';
import type { SettingsPart } from '../settings/part.ts';
import { EXIT_CONFIG } from '../settings/problems.ts';
import type { LogSettings } from '../settings/parts/log.ts';
import type { ShutdownSettings } from '../settings/parts/shutdown.ts';
import type { ServiceName } from '../settings/variable.ts';
import { guardProcess } from './guard-process.ts';
import { letMemoryShrink } from './memory-reducer.ts';
import { nodeTooOld } from './node-version.ts';
import { createShutdown } from './shutdown.ts';
import type { Shutdown } from './shutdown.ts';

/** What a service gets from its process. */
export interface ServiceHost<T> {
  readonly settings: Readonly<T>;
  readonly log: RuntimeLog;
  readonly meter: PrometheusMeter;
  readonly readiness: Readiness;
  readonly shutdown: Shutdown;
}

interface BaseSettings {
  readonly log: LogSettings;
  readonly shutdown: ShutdownSettings;
}

export interface ServiceDefinition<T extends BaseSettings> {
  readonly service: ServiceName;
  readonly parts: { readonly [K in keyof T]: SettingsPart<T[K]> };
  readonly env: Environment;
  readonly cwd: string;
  readonly verify?: Verify<T>;
  /** Opens, builds and starts; adds what it opened to `shutdown`. The service serves when it resolves. */
  readonly start: (host: ServiceHost<T>) => Promise<object | void>;
}

/**
 * The frame of a service's `main.ts`: a Node and settings that will do or exit 78, log, signals, then `start`, then the
 * ready line, with the fields that `start` resolves with. An error while starting is logged and exits 1, after what was opened is closed.
 */
export async function runService<T extends BaseSettings>(definition: ServiceDefinition<T>): Promise<void> {
  const { service, start } = definition;
  exitOnOldNode(service);
  const settings = await loadSettingsOrExit<T>(definition);
  const log = createLog({ service, ...settings.log });
  const shutdown = createShutdown({ log, timeoutMs: settings.shutdown.timeoutMs });
  guardProcess({ log, shutdown });
  letMemoryShrink();
  const readiness = createReadiness();
  let serves = false;
  readiness.set('service', () => (shutdown.signal.aborted ? 'stopping' : serves ? undefined : 'starting'));
  try {
    const fields = await start({ settings, log, meter: createMeter({ service, log }), readiness, shutdown });
    serves = true;
    if (!shutdown.signal.aborted) log.ready(fields ?? {});
  } catch (error) {
    // Asked to stop while starting: the signal's own handler ends the process.
    if (shutdown.signal.aborted) return;
    log.fatal(
      saysItAll(error) ? {} : { error },
      `could not start: ${error instanceof Error ? error.message : String(error)}`,
    );
    await shutdown.run('could not start');
    process.exit(1);
  }
}

/** Before anything else: what an old Node lacks shows late, and as an error of ours. Drivers are loaded after this only. */
function exitOnOldNode(service: ServiceName): void {
  const why = nodeTooOld(process.versions.node);
  if (why === undefined) return;
  process.stderr.write(`Simple Scheduler's ${service} cannot start: it ${why}.\n`);
  process.exit(EXIT_CONFIG);
}

/** Refusals in words for whoever set the service up: a stack would only bury them. */
function saysItAll(error: unknown): boolean {
  if (error instanceof ListenError) return true;
  return error instanceof Error && (error as Partial<SchedulerError>).retryable === false && error.cause === undefined;
}
