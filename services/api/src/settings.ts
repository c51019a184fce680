import { apiSettings, busSettings, databaseSettings, logSettings, shutdownSettings } from '@simple-scheduler/runtime';
import type {
  ApiSettings,
  BusSettings,
  DatabaseSettings,
  LogSettings,
  SettingsPart,
  ShutdownSettings,
} from '@simple-scheduler/runtime';

export interface ApiServiceSettings {
  readonly database: DatabaseSettings;
  readonly bus: BusSettings;
  readonly api: ApiSettings;
  readonly log: LogSettings;
  readonly shutdown: ShutdownSettings;
}

export const apiParts: {
  readonly [K in keyof ApiServiceSettings]: SettingsPart<ApiServiceSettings[K]>;
} = {
  database: databaseSettings,
  bus: busSettings,
  api: apiSettings,
  log: logSettings,
  shutdown: shutdownSettings,
};
