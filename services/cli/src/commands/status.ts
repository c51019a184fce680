import type { Status } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import type { View } from '../output/view.ts';

const statusView: View<Status> = {
  plural: 'statuses',
  name: ({ status }) => status,
  columns: [],
  fieldOrder: ['status', 'version', 'time'],
  durations: {},
};

export async function showStatus(context: Context): Promise<void> {
  await context.print.details(statusView, await context.client.status());
}
