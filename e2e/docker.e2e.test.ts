import { existsSync, readFileSync } from 'node:fs';
import { chmod, readdir, readlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVhost, freePort, freshDatabase, privateFolder, removeFolder, waitFor } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { createClient } from '@simple-scheduler/client';
import { validate } from 'dockerfile-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastStep, readDockerfile, stepsOfImage } from './docker/dockerfile.ts';
import { assembleImage, buildContext, commandOf, entrypointOf, rebuildStage, type Room } from './docker/rebuild.ts';
import { type Spawned, start } from './support/service.ts';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const DOCKERFILE = join(PROJECT, 'docker/Dockerfile');
const IMAGES = ['scheduler', 'custodian', 'api', 'cli', 'standalone', 'sample-worker'] as const;
type Image = (typeof IMAGES)[number];
/** The images' user, where this process may become one. */
const asUser = process.getuid?.() === 0 ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] : [];

const stages = readDockerfile(DOCKERFILE);

describe('the Dockerfile', () => {
  it('is valid', () => {
    expect(validate(readFileSync(DOCKERFILE, 'utf8'))).toEqual([]);
  });

  it('has one stage for each image, all on one base with a version', () => {
    expect([...stages.keys()]).toEqual(['build', 'runtime', ...IMAGES]);
    const bases = new Set(['build', 'runtime'].map((name) => stages.get(name)?.base));
    expect([...bases]).toEqual([expect.stringMatching(/^node:24[\w.]*-bookworm-slim$/)]);
    for (const name of IMAGES) expect(stages.get(name)?.base).toBe('runtime');
  });

  it.each(IMAGES)('%s does not run as root, is asked to end by SIGTERM and says what it is', (name) => {
    const steps = stepsOfImage(stages, name);
    expect(lastStep(steps, 'USER')?.text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(lastStep(steps, 'STOPSIGNAL')?.text).toBe('SIGTERM');
    expect(lastStep(steps, 'ENTRYPOINT')?.json[0]).toBe('node'); // no shell between the runtime and the service
    const labels = steps.filter(({ keyword }) => keyword === 'LABEL').map(({ text }) => text);
    for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
      expect(labels.join(' ')).toContain(`org.opencontainers.image.${label}=`);
  });

  it('is of the version of the project', () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
    expect(stages.get('runtime')?.steps).toContainEqual(expect.objectContaining({ text: `VERSION=${version}` }));
  });

  it('takes nothing from this machine that is not needed, and no secret', async () => {
    const context = await buildContext(PROJECT);
    expect(context.filter((file) => /(^|\/)(\.env|node_modules|dist|data|\.git)(\/|$)|\.test\.ts$/.test(file))).toEqual(
      [],
    );
    expect(context).toContain('services/scheduler/src/main.ts');
  });
});

describe('the images', () => {
  let folder: string;
  const rooms = new Map<Image, Room>();

  beforeAll(async () => {
    folder = await privateFolder('images');
    await chmod(folder, 0o755); // so that the images' user can enter
    const built = join(folder, 'build-stage');
    const build = stages.get('build');
    if (build === undefined) throw new Error('There is no stage build');
    await rebuildStage(build, { project: PROJECT, root: built });
    for (const name of IMAGES)
      rooms.set(name, await assembleImage(stages, name, { project: PROJECT, built, root: join(folder, name) }));
  }, 300_000);
  afterAll(() => removeFolder(folder));

  const roomOf = (name: Image): Room => {
    const room = rooms.get(name);
    if (room === undefined) throw new Error(`${name} was not built`);
    return room;
  };

  function run(name: Image, command: readonly string[], env: Record<string, string> = {}): Spawned {
    const room = roomOf(name);
    const { command: program, args } = commandOf(room, command);
    const [first = '', ...rest] = [...asUser, program, ...args];
    const path = { PATH: process.env['PATH'] ?? '' };
    return start(name, first, rest, { ...path, ...room.env, ...env }, join(room.root, room.cwd));
  }

  function serve(name: Image, env: Record<string, string>): Spawned {
    return run(name, entrypointOf(stages, name), env);
  }

  const checkHealth = (name: Image, env: Record<string, string>): Promise<number | string> =>
    run(name, lastStep(stepsOfImage(stages, name), 'HEALTHCHECK')?.json ?? [], env).ended;

  it.each(IMAGES)('%s holds its production dependencies, no others, and all that it links to', async (name) => {
    const app = join(roomOf(name).root, 'app');
    const store = await readdir(join(app, 'node_modules/.pnpm'));
    const strangers = /^(@simple-scheduler\+(testkit|conformance|simulation)|typescript|turbo|vitest|@types\+node)@/;
    expect(store.filter((entry) => strangers.test(entry))).toEqual([]);
    expect(store.some((entry) => entry.startsWith('@simple-scheduler+contracts@'))).toBe(true);
    expect(existsSync(join(app, 'src'))).toBe(false);
    const entries = await readdir(app, { recursive: true, withFileTypes: true });
    const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
    expect(links.length).toBeGreaterThan(0);
    const broken: string[] = [];
    for (const link of links) {
      const target = resolve(dirname(link), await readlink(link));
      if (relative(app, target).startsWith('..') || !existsSync(target)) broken.push(`${link} → ${target}`);
    }
    expect(broken).toEqual([]);
  });

  it('do their work together: a job added through one is run by another', async () => {
    await using vhost = await createVhost(await sharedRabbitmq());
    const apiPort = await freePort();
    const settings = {
      SIMPLE_SCHEDULER_DB_CONNECTION_STRING: (await sharedMongodb()).url,
      SIMPLE_SCHEDULER_DB_NAME: freshDatabase(),
      SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING: vhost.url,
    };
    const health = async (): Promise<Record<string, string>> => ({
      ...settings,
      SIMPLE_SCHEDULER_HEALTH_URL: `127.0.0.1:${await freePort()}`,
    });
    const environments: [Image, Record<string, string>][] = [
      ['scheduler', await health()],
      ['custodian', await health()],
      ['api', { ...settings, SIMPLE_SCHEDULER_AUTH: 'none', SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${apiPort}` }],
      ['sample-worker', { AMQP_URL: vhost.url, WORKER_JOBS: 'send-report', WORK_MS: '10' }],
    ];
    const services = environments.map(([name, env]) => ({ name, env, process: serve(name, env) }));
    for (const { name, process } of services)
      await process.line((line) =>
        name === 'sample-worker' ? line.startsWith('ready') : line.includes('"msg":"ready"'),
      );

    for (const { name, env } of services) {
      if (name !== 'sample-worker') expect([name, await checkHealth(name, env)]).toEqual([name, 0]);
    }
    const client = createClient({ baseUrl: `http://127.0.0.1:${apiPort}/api` });
    await client.jobs.create({ name: 'send-report', interval: 500 });
    await waitFor(
      async () => (await client.runs.list({ jobName: 'send-report', status: ['completed'] })).items.length > 1,
    );

    for (const { name, process } of services) expect([name, await process.stop()]).toEqual([name, 0]);
    for (const { name, env } of services) {
      if (name !== 'sample-worker') expect([name, await checkHealth(name, env)]).toEqual([name, 1]);
    }
  });

  it('the worker is well while it has a connection to its broker', async () => {
    const { port } = new URL((await sharedRabbitmq()).url);
    await using vhost = await createVhost(await sharedRabbitmq());
    const worker = serve('sample-worker', { AMQP_URL: vhost.url, WORKER_JOBS: 'any' });
    await worker.line((line) => line.startsWith('ready'));
    const check = ['node', '/app/healthcheck.mjs', 'connected'];
    expect(await run('sample-worker', [...check, port]).ended).toBe(0);
    expect(await run('sample-worker', [...check, String(await freePort())]).ended).toBe(1);
    expect(await worker.stop()).toBe(0);
  });

  it('standalone keeps its data in /data', async () => {
    const room = roomOf('standalone');
    const data = join(room.root, 'data');
    await chmod(data, 0o777);
    const env = {
      SIMPLE_SCHEDULER_API_URL: `127.0.0.1:${await freePort()}`,
      SIMPLE_SCHEDULER_HEALTH_URL: `127.0.0.1:${await freePort()}`,
    };
    const standalone = serve('standalone', env);
    await standalone.line((line) => line.includes('"msg":"ready"'));
    expect(await checkHealth('standalone', env)).toBe(0);
    expect(await readdir(data)).toContain('simple-scheduler.db');
    expect(await standalone.stop()).toBe(0);
  });

  it('the command line runs', async () => {
    const cli = run('cli', [...entrypointOf(stages, 'cli'), '--version']);
    expect(await cli.ended).toBe(0);
    expect(cli.lines.join('')).toMatch(/\d+\.\d+\.\d+/);
  });
});
