import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import ignoreModule from '@balena/dockerignore';
import { lastStep, type Stage, type Step, stepsOfImage } from './dockerfile.ts';

// Its types speak of a default export; what is exported is the function itself.
const createIgnore = ignoreModule as unknown as typeof ignoreModule.default;
const call = promisify(execFile);
const STEP_TIME_LIMIT_MS = 150_000;

/** What a container would be: a folder in place of `/`, the working directory in it, and the environment. */
export interface Room {
  readonly root: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The files that would go to the builder: those of the project that git does not ignore, less those of .dockerignore. */
export async function buildContext(project: string): Promise<string[]> {
  const listed = await call('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: project,
    maxBuffer: 64 << 20,
  });
  const ignore = createIgnore().add(await readFile(join(project, '.dockerignore'), 'utf8'));
  const files = ignore.filter([...new Set(listed.stdout.split('\0'))].filter((name) => name !== ''));
  const there = await Promise.all(files.map((file) => stat(join(project, file)).catch(() => undefined)));
  return files.filter((_, index) => there[index]?.isFile() === true); // one that was removed and not yet committed is not
}

/**
 * Carries the build stage out with plain commands: COPY copies from the context, RUN runs as it stands, in a folder that
 * plays `/`. Hence its commands may name no absolute path; ENV may, and is translated.
 */
export async function rebuildStage(stage: Stage, { project, root }: { project: string; root: string }): Promise<void> {
  const context = await buildContext(project);
  let room: Room = { root, cwd: '/', env: hostEnv() };
  for (const step of stage.steps) {
    room = enter(room, step);
    await mkdir(join(root, room.cwd), { recursive: true });
    if (step.keyword === 'COPY') await copyFromContext(step, { project, context, into: join(root, room.cwd) });
    if (step.keyword === 'RUN') await runStep(step, room);
  }
}

/**
 * The folder of an image, as its COPY steps fill it from the built stage and the context. Its RUN steps are left out: they
 * concern what only the base image has.
 */
export async function assembleImage(
  stages: ReadonlyMap<string, Stage>,
  target: string,
  { project, built, root }: { project: string; built: string; root: string },
): Promise<Room> {
  const steps = stepsOfImage(stages, target);
  let room: Room = { root, cwd: '/', env: {} };
  await mkdir(join(root, 'data'), { recursive: true });
  for (const step of steps) {
    room = enter(room, step);
    if (step.keyword !== 'COPY') continue;
    const into = join(root, room.cwd);
    if (step.from === undefined) {
      const context = await buildContext(project);
      await copyFromContext(step, { project, context, into });
    } else {
      const [source = ''] = step.text.split(' ');
      await cp(join(built, source), into, { recursive: true, verbatimSymlinks: true });
    }
  }
  // The base image's node; a copy, so that whoever may use the folder may run it.
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
  return room;
}

/** A command of the image, its absolute paths in the folder that plays `/`. */
export function commandOf(room: Room, command: readonly string[]): { command: string; args: string[] } {
  const [program = '', ...args] = command;
  return {
    command: join(room.root, 'usr/local/bin', program),
    args: args.map((arg) => (arg.startsWith('/app/') ? join(room.root, arg) : arg)),
  };
}

export function entrypointOf(stages: ReadonlyMap<string, Stage>, target: string): readonly string[] {
  return lastStep(stepsOfImage(stages, target), 'ENTRYPOINT')?.json ?? [];
}

function enter(room: Room, step: Step): Room {
  if (step.keyword === 'WORKDIR') return { ...room, cwd: posix.resolve(room.cwd, step.text) };
  if (step.keyword !== 'ENV') return room;
  const env: Record<string, string> = { ...room.env };
  for (const [name, value] of step.variables) {
    const parts = value.replaceAll('$PATH', env['PATH'] ?? '').split(delimiter);
    env[name] = parts
      .map((part) => (/^\/(build|data|app)\//.test(`${part}/`) ? join(room.root, part) : part))
      .join(delimiter);
  }
  return { ...room, env };
}

async function runStep(step: Step, room: Room): Promise<void> {
  if (/(^|[\s"'=])\/\w/.test(step.text))
    throw new Error(`A RUN of the build stage names an absolute path: ${step.text}`);
  try {
    await call('sh', ['-c', step.text], {
      cwd: join(room.root, room.cwd),
      env: room.env,
      timeout: STEP_TIME_LIMIT_MS,
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`RUN ${step.text}\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`, { cause: error });
  }
}

async function copyFromContext(
  step: Step,
  { project, context, into }: { project: string; context: readonly string[]; into: string },
): Promise<void> {
  const words = step.text.split(' ');
  const target = join(into, words.pop() ?? '');
  for (const word of words) {
    const source = posix.normalize(word);
    const isFile = context.includes(source);
    const files = isFile ? [source] : context.filter((file) => source === '.' || file.startsWith(`${source}/`));
    if (files.length === 0) throw new Error(`COPY ${word}: the build context has no such file`);
    for (const file of files) {
      const to = join(target, isFile ? basename(file) : posix.relative(source, file));
      await mkdir(dirname(to), { recursive: true });
      await copyFile(join(project, file), to);
    }
  }
}

/** This machine's environment without what the test runner, npm and these tests put there. */
function hostEnv(): Record<string, string> {
  const isOurs =
    /^(npm_|vitest|node_options$|node_env$|node_path$|test$|dev$|prod$|simple_scheduler_|init_cwd|turbo_)/i;
  const entries = Object.entries(process.env).filter(([name, value]) => value !== undefined && !isOurs.test(name));
  const env = Object.fromEntries(entries) as Record<string, string>;
  return { ...env, PATH: [dirname(process.execPath), env['PATH']].join(delimiter) };
}
