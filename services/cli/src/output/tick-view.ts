import type { View } from './view.ts';

/** Instants at which a job is due. */
export const tickView: View<string> = {
  plural: 'ticks',
  name: (tick) => tick,
  columns: [
    { title: 'DUE', cell: (tick) => tick },
    { title: 'IN', cell: (tick, times) => times.at(tick), yields: 1 },
  ],
  fieldOrder: [],
  durations: {},
};
