import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { durationMs } from '../values.ts';

export interface ShutdownSettings {
  readonly timeoutMs: number;
}

export const shutdownSettings: SettingsPart<ShutdownSettings> = definePart(
  {
    timeoutMs: {
      name: 'SHUTDOWN_TIMEOUT',
      help: 'How long a service may take to finish what is in flight when it is asked to stop, ms.',
      example: '10000',
      fallback: '10000',
      schema: durationMs({ min: 100, max: 600_000 }),
    },
  },
  (values) => values,
);
