import { partsNamed } from '@simple-scheduler/runtime';
import type { PartsOf, SettingsOf } from '@simple-scheduler/runtime';

const NAMES = [
  'database',
  'bus',
  'holding',
  'heartbeat',
  'cleanup',
  'retention',
  'api',
  'standalone',
  'health',
  'log',
  'shutdown',
] as const;

export type StandaloneServiceSettings = SettingsOf<(typeof NAMES)[number]>;

export const standaloneParts: PartsOf<(typeof NAMES)[number]> = partsNamed(NAMES);
