import { SchedulerError } from '@simple-scheduler/engine';
import { type DatabaseSettings, PREFIX } from '@simple-scheduler/runtime';

/**
 * Claims the database for a process that has to be the only one on it. Resolves with what gives it back; a process that
 * ends gives it back anyway. Rejects, for good, where another process has claimed it. Only SQLite can be claimed: for
 * other databases nothing happens.
 */
export async function claimDatabase(settings: DatabaseSettings): Promise<() => void> {
  if (settings.type !== 'sqlite') return () => {};
  const { claimSqliteFile } = await import('@simple-scheduler/store-sqlite');
  try {
    const claim = claimSqliteFile(settings.path);
    return () => claim.release();
  } catch (error) {
    if (!(error instanceof SchedulerError) || error.code !== 'conflict') throw error;
    const advice = `End that one first, or name another file with ${PREFIX}DB_CONNECTION_STRING`;
    throw new SchedulerError(`${error.message}. ${advice}.`, { code: error.code, retryable: false });
  }
}
