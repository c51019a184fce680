import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSettings, partsNamed, type SettingsPart } from '@simple-scheduler/runtime';
import { apiParts } from '@simple-scheduler/service-api/settings';
import { custodianParts } from '@simple-scheduler/service-custodian/settings';
import { schedulerParts } from '@simple-scheduler/service-scheduler/settings';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { type ComposeService, readComposeFile, startOrder } from './docker/compose-file.ts';
import { lastStep, readDockerfile, stepsOfImage } from './docker/dockerfile.ts';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const FOLDER = join(PROJECT, 'docker');
const compose = readComposeFile(join(FOLDER, 'compose.yaml'));
const stages = readDockerfile(join(FOLDER, 'Dockerfile'));
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const stepsOf = (service: ComposeService) => stepsOfImage(stages, service.build?.target ?? '');

describe('compose.yaml', () => {
  it('is as the Compose Specification says', () => {
    const duration = /^(\d+(\.\d+)?(us|ms|s|m|h))+$/;
    const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { duration, ports: true, expose: true } });
    ajv.addFormat('subnet_ip_address', true);
    const validate = ajv.compile(json(join(FOLDER, 'schema/compose-spec.json')) as object);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { a: { imagee: 'x' } } })).toBe(false); // it can say no
  });

  it('has everything that an installation is made of', () => {
    expect(services.map(([name]) => name).toSorted()).toEqual([
      ...['api', 'cli', 'custodian', 'keycloak', 'mongodb', 'rabbitmq', 'sample-worker', 'scheduler'],
    ]);
    expect(compose.services['scheduler']?.deploy?.replicas).toBe(2);
    expect(compose.services['mongodb']?.image).toBe('mongo:8');
    expect(compose.services['rabbitmq']?.image).toBe('rabbitmq:4-management');
    expect(compose.services['keycloak']?.image).toMatch(/\/keycloak:26\./);
  });

  it('builds stages that there are', () => {
    for (const [, { build }] of ours) {
      expect(resolve(FOLDER, build?.context ?? '')).toBe(resolve(PROJECT));
      expect(existsSync(join(PROJECT, build?.dockerfile ?? ''))).toBe(true);
      expect([...stages.keys()]).toContain(build?.target);
    }
  });

  it('mounts files that exist and volumes that are declared', () => {
    const sources = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const [files, names] = [sources.filter((source) => /^[./]/.test(source)), sources.filter((s) => !/^[./]/.test(s))];
    expect(files.filter((file) => !existsSync(resolve(FOLDER, file)))).toEqual([]);
    expect(names.toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });

  it('publishes on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  it.each(services)('%s has a health check, unless it is a command', (_, service) => {
    const own = service.healthcheck?.test ?? [];
    const ofImage = lastStep(stepsOf(service), 'HEALTHCHECK')?.json ?? [];
    if (service.profiles === undefined) expect([...own, ...ofImage].length).toBeGreaterThan(1);
    else expect(ofImage).toEqual([]);
  });

  it.each(services)('%s does not run as root', (_, service) => {
    const user = service.user ?? lastStep(stepsOf(service), 'USER')?.text ?? 'root';
    expect(user).toMatch(/^(?!root\b|0\b)\w+/);
  });

  it('starts everything in order, after what it needs is well', () => {
    const order = startOrder(compose.services);
    for (const before of ['mongodb', 'rabbitmq'])
      for (const after of ['scheduler', 'api']) expect(order.indexOf(before)).toBeLessThan(order.indexOf(after));
    const conditions = services.flatMap(([, service]) => Object.values(service.depends_on ?? {}));
    expect(new Set(conditions.map(({ condition }) => condition))).toEqual(new Set(['service_healthy']));
    for (const [, service] of services)
      for (const name of Object.keys(service.depends_on ?? {})) {
        const needed = compose.services[name];
        expect(needed?.healthcheck ?? lastStep(stepsOf(needed ?? {}), 'HEALTHCHECK')).toBeDefined();
      }
    expect(() => startOrder({ a: { network_mode: 'service:b' }, b: { depends_on: { a: { condition: '' } } } })).toThrow(
      'wait for each other',
    );
  });

  it('gives services time to stop in order', () => {
    const { shutdown } = loadSettings({
      service: 'scheduler',
      parts: partsNamed(['shutdown']),
      env: {},
      cwd: '/',
    });
    for (const [name, service] of ours)
      expect([name, Number.parseInt(service.stop_grace_period ?? '0', 10) * 1_000 > shutdown.timeoutMs]).toEqual([
        name,
        true,
      ]);
  });
});

describe('the settings in compose.yaml', () => {
  const parts: Record<'scheduler' | 'custodian' | 'api', Record<string, SettingsPart<unknown>>> = {
    scheduler: schedulerParts,
    custodian: custodianParts,
    api: apiParts,
  };

  it.each(['scheduler', 'custodian', 'api'] as const)('of the %s are known and valid', (service) => {
    const env = compose.services[service]?.environment ?? {};
    expect(Object.keys(env).length).toBeGreaterThan(2);
    expect(loadSettings({ service, parts: parts[service], env, cwd: FOLDER })).toBeDefined();
    const misspelt = { ...env, SIMPLE_SCHEDULER_DB_NAMES: 'x' };
    expect(() => loadSettings({ service, parts: parts[service], env: misspelt, cwd: FOLDER })).toThrow('DB_NAMES');
  });

  it('of the sample worker are what it reads', () => {
    const source = readFileSync(join(PROJECT, 'examples/worker-node/worker.ts'), 'utf8');
    const names = Object.keys(compose.services['sample-worker']?.environment ?? {});
    expect(names.filter((name) => !source.includes(`env['${name}']`))).toEqual([]);
  });

  it('name servers that are there, at the ports that they listen on', () => {
    for (const service of ['scheduler', 'custodian', 'api', 'sample-worker']) {
      const { SIMPLE_SCHEDULER_DB_CONNECTION_STRING: database, ...env } = compose.services[service]?.environment ?? {};
      if (database !== undefined) expect(new URL(database).host).toBe('mongodb:27017');
      const bus = env['SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING'] ?? env['AMQP_URL'] ?? '';
      expect(new URL(bus).host).toBe('rabbitmq:5672');
    }
  });

  it('name the issuer as browsers and the API can both reach it, and the audience of its tokens', () => {
    const { api, keycloak } = compose.services;
    const issuer = new URL(api?.environment?.['SIMPLE_SCHEDULER_OIDC_ISSUER'] ?? '');
    const port = keycloak?.environment?.['KC_HTTP_PORT'];
    expect(compose.services['cli']?.environment?.['SIMPLE_SCHEDULER_OIDC_ISSUER']).toBe(issuer.href);
    expect(issuer.host).toBe(`localhost:${port}`);
    expect(keycloak?.ports).toContain(`127.0.0.1:${port}:${port}`);
    expect(api?.network_mode).toBe('service:keycloak');
    const realm = json(join(PROJECT, 'keycloak/simple-scheduler-realm.json')) as { realm: string };
    expect(issuer.pathname).toBe(`/realms/${realm.realm}`);
    expect(JSON.stringify(realm)).toContain(
      `"included.custom.audience":"${api?.environment?.['SIMPLE_SCHEDULER_OIDC_AUDIENCE']}"`,
    );
  });
});
