import {
  apiSettings,
  busSettings,
  cleanupSettings,
  databaseSettings,
  healthSettings,
  heartbeatSettings,
  jobHoldingSettings,
  logSettings,
  retentionSettings,
  shutdownSettings,
  standaloneSettings,
} from '@simple-scheduler/runtime';
import type {
  ApiSettings,
  BusSettings,
  CleanupSettings,
  DatabaseSettings,
  HealthSettings,
  HeartbeatSettings,
  JobHoldingSettings,
  LogSettings,
  RetentionSettings,
  SettingsPart,
  ShutdownSettings,
  StandaloneSettings,
} from '@simple-scheduler/runtime';

export interface StandaloneServiceSettings {
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

export const standaloneParts: {
  readonly [K in keyof StandaloneServiceSettings]: SettingsPart<StandaloneServiceSettings[K]>;
} = {
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
