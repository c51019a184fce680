import type { SettingsPart } from './part.ts';
import { apiSettings } from './parts/api.ts';
import type { ApiSettings } from './parts/api.ts';
import { busSettings } from './parts/bus.ts';
import type { BusSettings } from './parts/bus.ts';
import { databaseSettings } from './parts/database.ts';
import type { DatabaseSettings } from './parts/database.ts';
import { healthSettings } from './parts/health.ts';
import type { HealthSettings } from './parts/health.ts';
import { logSettings } from './parts/log.ts';
import type { LogSettings } from './parts/log.ts';
import { retentionSettings } from './parts/retention.ts';
import type { RetentionSettings } from './parts/retention.ts';
import { cleanupSettings, heartbeatSettings, jobHoldingSettings } from './parts/scheduling.ts';
import type { CleanupSettings, HeartbeatSettings, JobHoldingSettings } from './parts/scheduling.ts';
import { shutdownSettings } from './parts/shutdown.ts';
import type { ShutdownSettings } from './parts/shutdown.ts';
import { standaloneSettings } from './parts/standalone.ts';
import type { StandaloneSettings } from './parts/standalone.ts';

interface AllSettings {
  readonly database: DatabaseSettings;
  readonly bus: BusSettings;
  readonly holding: JobHoldingSettings;
  readonly heartbeat: HeartbeatSettings;
  readonly cleanup: CleanupSettings;
  readonly retention: RetentionSettings;
  readonly api: ApiSettings;
  readonly standalone: StandaloneSettings;
  readonly health: HealthSettings;
  readonly log: LogSettings;
  readonly shutdown: ShutdownSettings;
}

export type PartName = keyof AllSettings;
/** The settings of a service that is made of these parts. */
export type SettingsOf<N extends PartName> = { readonly [K in N]: AllSettings[K] };
export type PartsOf<N extends PartName> = { readonly [K in N]: SettingsPart<AllSettings[K]> };

/** All parts that a service can be made of, under the names that their settings get. */
export const ALL_PARTS: PartsOf<PartName> = {
  database: databaseSettings,
  bus: busSettings,
  holding: jobHoldingSettings,
  heartbeat: heartbeatSettings,
  cleanup: cleanupSettings,
  retention: retentionSettings,
  api: apiSettings,
  standalone: standaloneSettings,
  health: healthSettings,
  log: logSettings,
  shutdown: shutdownSettings,
};

/** A service names its parts once: what it loads and the type of its settings both follow from the names. */
export function partsNamed<const N extends PartName>(names: readonly N[]): PartsOf<N> {
  return Object.fromEntries(names.map((name) => [name, ALL_PARTS[name]])) as PartsOf<N>;
}
