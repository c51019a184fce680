import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { STATUS } from './refusal-of-error.ts';

it('docs/ERRORS.md lists every code with its status, and no other', async () => {
  const text = await readFile(new URL('../../../../docs/ERRORS.md', import.meta.url), 'utf8');
  const listed = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \| \S/gm)].map(([, code, status]) => [code, Number(status)]);
  expect(Object.fromEntries(listed)).toEqual(STATUS);
  expect(listed).toHaveLength(Object.keys(STATUS).length);
});
