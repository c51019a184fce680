import {
  busSettings,
  cleanupSettings,
  databaseSettings,
  healthSettings,
  heartbeatSettings,
  jobHoldingSettings,
  logSettings,
  shutdownSettings,
} from '@simple-scheduler/runtime';
import type {
  BusSettings,
  CleanupSettings,
  DatabaseSettings,
  HealthSettings,
  HeartbeatSettings,
  JobHoldingSettings,
  LogSettings,
  SettingsPart,
  ShutdownSettings,
} from '@simple-scheduler/runtime';

export interface SchedulerServiceSettings {
  readonly database: DatabaseSettings;
  readonly bus: BusSettings;
  readonly holding: JobHoldingSettings;
  readonly heartbeat: HeartbeatSettings;
  readonly cleanup: CleanupSettings;
  readonly health: HealthSettings;
  readonly log: LogSettings;
  readonly shutdown: ShutdownSettings;
}

export const schedulerParts: {
  readonly [K in keyof SchedulerServiceSettings]: SettingsPart<SchedulerServiceSettings[K]>;
} = {
  database: databaseSettings,
  bus: busSettings,
  holding: jobHoldingSettings,
  heartbeat: heartbeatSettings,
  cleanup: cleanupSettings,
  health: healthSettings,
  log: logSettings,
  shutdown: shutdownSettings,
};
