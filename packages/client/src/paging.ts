import { UnexpectedAnswerError } from './errors.ts';
import type { Answer } from './transport.ts';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Cursor of the page that follows; absent on the last one. */
  readonly next?: string;
}

export function toPage<T>(answer: Answer, items: readonly T[]): Page<T> {
  const next = nextCursor(answer);
  return next === undefined ? { items } : { items, next };
}

/** Every item of every page, fetched as they are asked for. `load` gets the cursor, undefined for the first page. */
export async function* eachItem<T>(load: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await load(cursor);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

/**
 * The cursor in the `Link` header's `rel="next"`. Only the cursor is taken from that address: behind a proxy its host may
 * be one that can't be reached from here, and a token must go nowhere but to the base address.
 */
function nextCursor(answer: Answer): string | undefined {
  const target = nextLink(answer.headers.get('link') ?? '');
  if (target === undefined) return undefined;
  const cursor = URL.canParse(target, answer.url) && new URL(target, answer.url).searchParams.get('cursor');
  const current = new URL(answer.url).searchParams.get('cursor');
  if (!cursor || cursor === current) {
    throw new UnexpectedAnswerError({ url: answer.url, detail: 'its Link header does not lead to a next page' });
  }
  return cursor;
}

/** Target of the first link with `rel="next"` (RFC 8288). */
export function nextLink(header: string): string | undefined {
  for (const [, target, parameters] of header.matchAll(/<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))/i.exec(parameters ?? '');
    if ((rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/).includes('next')) return target;
  }
  return undefined;
}
