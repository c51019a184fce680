import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_VARIABLES } from '@simple-scheduler/runtime';
import type { SettingsPart } from '@simple-scheduler/runtime';
import { apiParts } from '@simple-scheduler/service-api/settings';
import { custodianParts } from '@simple-scheduler/service-custodian/settings';
import { schedulerParts } from '@simple-scheduler/service-scheduler/settings';
import { expect, it } from 'vitest';
import { standaloneParts } from './settings.ts';

// Here because the standalone service is the one that may import the others.

const SERVICES: Readonly<Record<string, Readonly<Record<string, SettingsPart<unknown>>>>> = {
  scheduler: schedulerParts,
  custodian: custodianParts,
  API: apiParts,
  standalone: standaloneParts,
};

/** As the table writes them. */
function readersOf(variable: string): string {
  const readers = Object.entries(SERVICES).filter(([, parts]) =>
    Object.values(parts).some(({ variables }) => variables.some(({ name }) => name === variable)),
  );
  return readers.length === Object.keys(SERVICES).length ? 'all but CLI' : readers.map(([name]) => name).join(', ');
}

it('docs/settings.md tells which services read each variable', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/settings.md'), 'utf8');
  const told = [...page.matchAll(/^\| `([A-Z_]+)` \| ([^|]*) \|/gm)].map(([, name, services]) => [name, services]);
  const read = ALL_VARIABLES.map(({ name }) => [name, readersOf(name)]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(read));
});
