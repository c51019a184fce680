import { describe, expect, test } from 'vitest';
import { scriptedServer } from '../test/scripted-server.ts';
import { createClient } from './client.ts';
import { nextLink } from './paging.ts';

const AT = '2026-03-01T08:00:00.000Z';
const named = (name: string) => ({ name, createdAt: AT, updatedAt: AT, revision: 1 });

describe('each', () => {
  test('follows the cursor over all pages, keeps the filter, and fetches a page only when it is needed', async () => {
    const pages: Record<string, { names: string[]; next?: string }> = {
      '': { names: ['a', 'b'], next: 'p2' },
      p2: { names: ['c', 'd'], next: 'p=3&x' },
      'p=3&x': { names: ['e'] },
    };
    await using server = await scriptedServer(({ url }) => {
      const page = pages[new URL(url, 'http://x').searchParams.get('cursor') ?? ''];
      const link = `</elsewhere?limit=2&cursor=${encodeURIComponent(page?.next ?? '')}>; rel="next"`;
      return { body: page?.names.map(named), headers: page?.next === undefined ? {} : { link } };
    });
    const client = createClient({ baseUrl: server.url });
    const names: string[] = [];
    for await (const job of client.jobs.each({ limit: 2, enabled: true })) {
      names.push(job.name);
      if (job.name === 'b') expect(server.seen).toHaveLength(1);
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/api/jobs?limit=2&enabled=true',
      '/api/jobs?limit=2&cursor=p2&enabled=true',
      '/api/jobs?limit=2&cursor=p%3D3%26x&enabled=true',
    ]);
  });

  test('goes nowhere but to the base address, whatever host the link names', async () => {
    await using server = await scriptedServer(({ url }) =>
      url.includes('cursor')
        ? { body: [named('b')] }
        : { body: [named('a')], headers: { link: '<http://internal.invalid/api/jobs?cursor=2>; rel=next' } },
    );
    const names = [];
    for await (const job of createClient({ baseUrl: server.url }).jobs.each()) names.push(job.name);
    expect(names).toEqual(['a', 'b']);
  });

  test.each(['</jobs?cursor=1>; rel="next"', '</jobs>; rel="next"', '<http://[>; rel="next"'])(
    'refuses a link that leads in a circle or nowhere: %s',
    async (link) => {
      await using server = await scriptedServer(() => ({ body: [], headers: { link } }));
      const client = createClient({ baseUrl: server.url });
      await expect(client.runs.list({ cursor: '1' })).rejects.toThrow('does not lead to a next page');
    },
  );
});

describe('nextLink', () => {
  test.each([
    ['</a?b=1,2>; rel="next"', '/a?b=1,2'],
    ['</p>; rel="prev", </n>; title="x, y"; rel=next', '/n'],
    ['</n>; rel="last next"', '/n'],
    ['</p>; rel="prev"', undefined],
    ['</p>', undefined],
    ['', undefined],
  ])('%s', (header, target) => {
    expect(nextLink(header)).toBe(target);
  });
});
