import * as records from './0001-records.ts';
import * as history from './0002-history.ts';
import * as requests from './0003-requests.ts';
import * as changes from './0004-changes.ts';
import * as changed from './0005-changed.ts';

/** In order; the place in this list is the number. Never change one that was released, add another. */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-records', ...records },
  { name: '0002-history', ...history },
  { name: '0003-requests', ...requests },
  { name: '0004-changes', ...changes },
  { name: '0005-changed', ...changed },
];
