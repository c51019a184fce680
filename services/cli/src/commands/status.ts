import type { Status } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import type { View } from '../output/view.ts';
import { showOrWatch } from './watch.ts';
import type { WatchOptions } from './watch.ts';

const statusView: View<Status> = {
  plural: 'statuses',
  name: ({ status }) => status,
  columns: [
    { title: 'STATUS', cell: ({ status }) => status },
    { title: 'VERSION', cell: ({ version }) => version },
  ],
  fieldOrder: ['status', 'version', 'time'],
  durations: {},
  passing: ['time'],
};

export async function showStatus(context: Context, options: WatchOptions): Promise<void> {
  await showOrWatch(context, statusView, () => context.client.status(), options);
}
