import { describe, expect, test } from 'vitest';
import { importsOf } from './imports-of.ts';
import { judge } from './judge.ts';
import { unusedDependencies } from './unused.ts';
import { type Manifest, workspacePackage } from './workspace.ts';

const scope = '@simple-scheduler';
const linked = (...names: string[]): Manifest['dependencies'] =>
  Object.fromEntries(names.map((name) => [`${scope}/${name}`, 'workspace:*']));
const one = { '.': {} };

const packages = [
  workspacePackage('.', { name: 'simple-scheduler', devDependencies: { vitest: '1' } }),
  workspacePackage('packages/contracts', {
    name: `${scope}/contracts`,
    exports: { '.': {}, './vocabulary': {} },
    dependencies: { zod: '1' },
  }),
  workspacePackage('packages/core', {
    name: `${scope}/core`,
    exports: one,
    dependencies: { ...linked('contracts'), luxon: '1', pino: '1' },
    devDependencies: { 'fast-check': '1' },
  }),
  workspacePackage('packages/engine', {
    name: `${scope}/engine`,
    exports: one,
    dependencies: linked('contracts', 'core', 'store-mongodb'),
  }),
  workspacePackage('packages/store-mongodb', {
    name: `${scope}/store-mongodb`,
    exports: one,
    dependencies: linked('engine', 'testkit'),
    devDependencies: linked('conformance'),
  }),
  workspacePackage('packages/testkit', { name: `${scope}/testkit`, exports: one }),
  workspacePackage('packages/conformance', { name: `${scope}/conformance`, exports: one }),
  workspacePackage('packages/new', { name: `${scope}/new`, exports: one, dependencies: linked('core') }),
];

describe('the import rules allow', () => {
  test.each([
    ['packages/core/src/run/a.ts', '../b.ts'],
    ['packages/core/src/a.ts', `${scope}/contracts/vocabulary`],
    ['packages/core/src/a.ts', 'luxon'],
    ['packages/core/src/a.test.ts', 'vitest'],
    ['packages/core/src/a.test.ts', 'fast-check'],
    ['packages/core/src/a.test.ts', 'node:fs'],
    ['packages/engine/src/a.ts', `${scope}/core`],
    ['packages/store-mongodb/src/a.ts', 'node:crypto'],
    ['packages/store-mongodb/test/a.integration.test.ts', `${scope}/conformance`],
  ])('%s to import %s', (file, specifier) => {
    expect(judge(packages, file, specifier)).toBeUndefined();
  });
});

describe('the import rules refuse', () => {
  test.each([
    ['packages/core/src/a.ts', '../../engine/src/a.ts', "another package's"],
    ['packages/core/src/a.ts', './b', 'with their extension'],
    ['packages/core/src/a.ts', './b.js', 'with their extension'],
    ['packages/core/src/a.ts', 'node:fs', 'no module of Node'],
    ['packages/store-mongodb/src/a.ts', 'fs', 'write node:fs'],
    ['packages/core/src/a.ts', `${scope}/contracts`, 'vocabulary only'],
    ['packages/core/src/a.ts', 'pino', 'no library but'],
    ['packages/core/src/a.ts', 'zod', 'is not in packages/core/package.json'],
    ['packages/core/src/a.ts', 'fast-check', 'development dependency'],
    ['packages/core/src/a.ts', 'vitest', 'is not in packages/core/package.json'],
    ['packages/engine/src/a.ts', `${scope}/store-mongodb`, 'may not import packages/store-mongodb'],
    ['packages/engine/src/a.ts', `${scope}/core/src/b.ts`, 'does not export it'],
    ['packages/store-mongodb/src/a.ts', `${scope}/testkit`, 'is for tests'],
    ['packages/new/src/a.ts', `${scope}/core`, 'no place among the layers'],
  ])('%s to import %s', (file, specifier, complaint) => {
    expect(judge(packages, file, specifier)).toContain(complaint);
  });
});

test('every way of naming a module is found, once, with its line', () => {
  const source = `import type { A } from 'a';
import { type B, c } from './b.ts';
export * from 'd';
export type { E } from 'e';
export type Q = import('q').Z;
export const w = async () => [await import('w'), await import('a'), c];`;
  expect(importsOf('x.ts', source)).toEqual([
    { specifier: 'a', line: 1 },
    { specifier: './b.ts', line: 2 },
    { specifier: 'd', line: 3 },
    { specifier: 'e', line: 4 },
    { specifier: 'q', line: 5 },
    { specifier: 'w', line: 6 },
  ]);
});

test('a workspace package that is declared and not imported is found, whatever else is imported', () => {
  const imports = [
    { file: 'packages/engine/src/a.ts', specifier: `${scope}/contracts/vocabulary` },
    { file: 'packages/engine/src/a.test.ts', specifier: `${scope}/core` },
    { file: 'packages/core/src/a.ts', specifier: `${scope}/contracts/vocabulary` },
    { file: 'packages/new/src/a.ts', specifier: `${scope}/core` },
    { file: 'packages/store-mongodb/src/a.ts', specifier: `${scope}/engine` },
  ];
  expect(unusedDependencies(packages, imports)).toEqual([
    { folder: 'packages/engine', dependency: `${scope}/store-mongodb` },
    { folder: 'packages/store-mongodb', dependency: `${scope}/testkit` },
    { folder: 'packages/store-mongodb', dependency: `${scope}/conformance` },
  ]);
});
