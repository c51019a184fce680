import { partsNamed, PREFIX } from '@simple-scheduler/runtime';
import type { PartsOf, SettingsOf, SettingsProblem } from '@simple-scheduler/runtime';

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

/**
 * A bus of this process alone on a database that others may work on, and that cannot be claimed: this process would take
 * over their jobs, and publish runs where no worker of theirs hears of them.
 */
export function refuseBusOfItsOwn({ database, bus }: Partial<StandaloneServiceSettings>): SettingsProblem[] {
  if (database?.type !== 'mongodb' || bus?.type !== 'memory') return [];
  return [
    {
      variable: `${PREFIX}MESSAGEBUS_TYPE`,
      text: ' must be rabbitmq where DB_TYPE is mongodb: nobody else hears of runs on a bus within this process',
      example: `${PREFIX}MESSAGEBUS_TYPE=rabbitmq`,
    },
  ];
}
