import type { JobRecord, RunRecord } from '@simple-scheduler/core';
import { NotFoundError, type TickPosition, type TickQuery } from '../ports/index.ts';
import type { ApiContext } from './context.ts';
import { jobNamed } from './job-named.ts';
import { type LedgerPage, ledgerPage } from './ledger-page.ts';

export interface LedgerQuery {
  /** Both ends included, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly after?: TickPosition;
}

/**
 * What became of the job's ticks in a window, oldest first, and which are still to come.
 * @throws NotFoundError
 */
export async function tickLedger(context: ApiContext, name: string, query: LedgerQuery): Promise<LedgerPage> {
  const now = context.clock.now();
  // Before the records: what it has moved past is recorded by then.
  const job = await jobNamed(context, name);
  const { from, to, limit, after } = query;
  const start = after === undefined ? from : Math.max(from, after.at + 1);
  const [records, row] = await Promise.all([
    context.store.listTicks({ jobUid: job.uid, ...query, limit: limit + 1 }),
    rowBefore(context, job, start),
  ]);
  const input = {
    now,
    from: start,
    to,
    limit,
    records: withRow(records, row, query),
    ...(row?.spanTo === undefined ? {} : { coveredTo: row.spanTo }),
  };
  const page = ledgerPage({ ...input, job });
  if (page.entries.every(({ outcome }) => outcome !== 'missing')) return page;
  // Retention may have removed their records since the job was read; it has noted so before.
  const { uid, prunedTo } = await jobNamed(context, name);
  if (uid !== job.uid) throw new NotFoundError(`the job named "${name}" was deleted meanwhile`);
  return ledgerPage({ ...input, job: prunedTo === undefined ? job : { ...job, prunedTo } });
}

/** The last record of the present epoch that begins before `start`. */
async function rowBefore(
  context: ApiContext,
  { uid, epoch }: JobRecord,
  start: number,
): Promise<RunRecord | undefined> {
  const ranges = [{ jobUid: uid, epoch, from: 0, before: start }];
  return (await context.store.latestTicks(ranges)).get(uid);
}

/** The store begins with the row of skipped ticks just before the window; a later tick of an old epoch may hide ours. */
function withRow(
  records: readonly RunRecord[],
  row: RunRecord | undefined,
  { from, after }: Pick<TickQuery, 'from' | 'after'>,
): readonly RunRecord[] {
  if (row?.spanTo === undefined || row.scheduledAt >= from || row.spanTo < from) return records;
  if (records.some(({ id }) => id === row.id)) return records;
  const isPast =
    after !== undefined && (after.at > row.scheduledAt || (after.at === row.scheduledAt && after.id >= row.id));
  return isPast
    ? records
    : [row, ...records].toSorted((a, b) => a.scheduledAt - b.scheduledAt || (a.id < b.id ? -1 : 1));
}
