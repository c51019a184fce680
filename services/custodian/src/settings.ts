import {
  cleanupSettings,
  databaseSettings,
  healthSettings,
  heartbeatSettings,
  logSettings,
  retentionSettings,
  shutdownSettings,
} from '@simple-scheduler/runtime';
import type {
  CleanupSettings,
  DatabaseSettings,
  HealthSettings,
  HeartbeatSettings,
  LogSettings,
  RetentionSettings,
  SettingsPart,
  ShutdownSettings,
} from '@simple-scheduler/runtime';

export interface CustodianServiceSettings {
  readonly database: DatabaseSettings;
  readonly heartbeat: HeartbeatSettings;
  readonly cleanup: CleanupSettings;
  readonly retention: RetentionSettings;
  readonly health: HealthSettings;
  readonly log: LogSettings;
  readonly shutdown: ShutdownSettings;
}

export const custodianParts: {
  readonly [K in keyof CustodianServiceSettings]: SettingsPart<CustodianServiceSettings[K]>;
} = {
  database: databaseSettings,
  heartbeat: heartbeatSettings,
  cleanup: cleanupSettings,
  retention: retentionSettings,
  health: healthSettings,
  log: logSettings,
  shutdown: shutdownSettings,
};
