import { indexes } from './0001-indexes.ts';
import { history } from './0002-history.ts';
import { requests } from './0003-requests.ts';
import { lists } from './0004-lists.ts';
import { changed } from './0005-changed.ts';
import { waiting } from './0006-waiting.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [indexes, history, requests, lists, changed, waiting];
