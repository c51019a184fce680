import { partsNamed } from '@simple-scheduler/runtime';
import type { PartsOf } from '@simple-scheduler/runtime';

const NAMES = ['database', 'bus', 'holding', 'heartbeat', 'cleanup', 'health', 'log', 'shutdown'] as const;

export const schedulerParts: PartsOf<(typeof NAMES)[number]> = partsNamed(NAMES);
