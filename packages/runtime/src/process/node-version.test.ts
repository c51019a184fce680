import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeTooOld } from './node-version.ts';

it.each(['24.0.0', '24.19.1', '25.0.0-nightly', '100.0.0'])('is content with Node %s', (version) => {
  expect(nodeTooOld(version)).toBeUndefined();
});

it.each(['8.0.0', '20.20.2', '23.11.1'])('refuses Node %s', (version) => {
  expect(nodeTooOld(version)).toContain(`needs Node 24 or newer, and this is Node ${version} (`);
});

it('refuses what the manifests of the services exclude', () => {
  const services = join(import.meta.dirname, '../../../../services');
  const manifests = globSync('{api,custodian,scheduler,standalone}/package.json', { cwd: services });
  const engines = manifests.map((file) => JSON.parse(readFileSync(join(services, file), 'utf8')) as unknown);
  expect(engines).toEqual(manifests.map(() => expect.objectContaining({ engines: { node: '>=24' } })));
});
