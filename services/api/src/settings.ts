import { partsNamed } from '@simple-scheduler/runtime';
import type { PartsOf } from '@simple-scheduler/runtime';

const NAMES = ['database', 'bus', 'api', 'log', 'shutdown'] as const;

export const apiParts: PartsOf<(typeof NAMES)[number]> = partsNamed(NAMES);
