/** Reads lists as a client of the API does. */
export interface Reader {
  /** One page; gives its rows and where the next one is. @throws where the answer is not 200 */
  read(path: string): Promise<Page>;
}

export interface Page {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | undefined;
  /** Until the body was there. */
  readonly tookMs: number;
}

export function readerOf(base: string, token: string): Reader {
  return {
    read: async (path) => {
      const startedAt = performance.now();
      const response = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const text = await response.text();
      const tookMs = performance.now() - startedAt;
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
      const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      return { rows: JSON.parse(text) as Page['rows'], next, tookMs };
    },
  };
}

export interface Walk {
  readonly rows: number;
  readonly distinct: number;
  /** The page that begins in the middle, and the last one. */
  readonly middle: string;
  readonly last: string;
  readonly pagesMs: readonly number[];
}

/** All pages of a list, from the first to the last. */
export async function walk(reader: Reader, path: string, identity: 'id' | 'name'): Promise<Walk> {
  const pages: string[] = [];
  const pagesMs: number[] = [];
  const seen = new Set<unknown>();
  let rows = 0;
  for (let at: string | undefined = path; at !== undefined; ) {
    pages.push(at);
    const page: Page = await reader.read(at);
    pagesMs.push(page.tookMs);
    rows += page.rows.length;
    for (const row of page.rows) seen.add(row[identity]);
    at = page.next;
  }
  const middle = pages[Math.floor(pages.length / 2)] ?? path;
  return { rows, distinct: seen.size, middle, last: pages.at(-1) ?? path, pagesMs };
}
