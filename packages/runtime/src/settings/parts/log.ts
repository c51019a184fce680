import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { choice } from '../values.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  /** Absent: pretty on a terminal, else JSON. */
  readonly format?: 'json' | 'pretty';
}

export const logSettings: SettingsPart<LogSettings> = definePart(
  {
    level: {
      name: 'LOG_LEVEL',
      help: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}.`,
      example: 'debug',
      fallback: 'info',
      schema: choice(LOG_LEVELS),
    },
    format: {
      name: 'LOG_FORMAT',
      help: '`json`, or `pretty` for people; default: `pretty` on a terminal, else `json`.',
      example: 'json',
      schema: choice(['json', 'pretty']),
    },
  },
  ({ level, format }) => (format === undefined ? { level } : { level, format }),
);
