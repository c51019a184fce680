import { partsNamed } from '@simple-scheduler/runtime';
import type { PartsOf } from '@simple-scheduler/runtime';

const NAMES = ['database', 'heartbeat', 'cleanup', 'retention', 'health', 'log', 'shutdown'] as const;

export const custodianParts: PartsOf<(typeof NAMES)[number]> = partsNamed(NAMES);
