import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { flag } from '../values.ts';

export interface StandaloneSettings {
  readonly sample: boolean;
}

export const standaloneSettings: SettingsPart<StandaloneSettings> = definePart(
  {
    sample: {
      name: 'SAMPLE',
      help: 'Whether the standalone service brings a sample job and a sample worker.',
      example: 'false',
      fallback: 'true',
      schema: flag,
    },
  },
  (values) => values,
);
