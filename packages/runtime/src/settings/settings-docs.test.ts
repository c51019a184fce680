import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALL_VARIABLES } from './known-variables.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/settings.md'), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` \|[^|]*\| ([^|]*) \|/gm)].map(([, name, fallback]) => [
    name ?? '',
    fallback ?? '',
  ]),
);

it('docs/settings.md has every variable once, and no other', () => {
  expect([...rows.keys()].toSorted()).toEqual(ALL_VARIABLES.map(({ name }) => name).toSorted());
});

it('docs/settings.md tells their defaults', () => {
  const wrong = ALL_VARIABLES.filter(
    ({ name, fallback }) => fallback !== undefined && !rows.get(name)?.includes(`\`${fallback}\``),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

it('every example is a valid value', () => {
  const wrong = ALL_VARIABLES.filter(({ schema, example }) => !schema.safeParse(example).success);
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
