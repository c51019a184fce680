import type { Tick, TickOutcome } from '@simple-scheduler/contracts';
import type { Tone, View } from './view.ts';

/** Ticks of a job, and what became of them. */
export const ledgerView: View<Tick> = {
  plural: 'ticks',
  name: (tick) => tick.scheduledAt,
  columns: [
    { title: 'DUE', cell: (tick) => tick.scheduledAt },
    { title: 'WHEN', cell: (tick, times) => times.at(tick.scheduledAt), yields: 2 },
    { title: 'OUTCOME', cell: (tick) => tick.outcome, tone: (tick) => TONES[tick.outcome] },
    { title: 'TRIGGER', cell: (tick) => tick.trigger ?? '', wide: true },
    { title: 'RUN', cell: (tick) => tick.runId ?? '', yields: 3 },
    { title: 'NOTE', cell: note, shrinksTo: 10, yields: 4 },
  ],
  fieldOrder: ['scheduledAt', 'outcome', 'reason', 'trigger', 'runId', 'from', 'to', 'count'],
  durations: {},
};

const TONES: Readonly<Partial<Record<TickOutcome, Tone>>> = {
  running: 'busy',
  cancelling: 'busy',
  completed: 'good',
  failed: 'bad',
  dead: 'bad',
  missing: 'bad',
  cancelled: 'quiet',
  skipped: 'quiet',
  due: 'quiet',
};

function note({ reason, count, to }: Tick): string {
  const row = count === undefined || to === undefined ? undefined : `${count} ticks, the last at ${to}`;
  return [reason, row].filter((part) => part !== undefined).join(', ');
}
