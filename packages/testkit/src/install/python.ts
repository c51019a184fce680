import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptInstall } from './apt.ts';
import { cached } from './cache.ts';
import { isExecutable, run, which } from './command.ts';

const NAME = 'python-pika-1.4.4';
const SCHEMATHESIS = 'schemathesis-4.32.5';

/**
 * The interpreter of a Python environment that has `pika` and `pip`. SIMPLE_SCHEDULER_TEST_PYTHON names another one.
 */
export async function obtainPython(): Promise<string> {
  const given = process.env['SIMPLE_SCHEDULER_TEST_PYTHON'];
  if (given) return given;
  const python = await environmentWithPika();
  const works = await run(python, ['-c', 'import pika']).then(
    () => true,
    () => false, // the Python that it was made from has been replaced since
  );
  if (works) return python;
  await rm(join(python, '..', '..'), { recursive: true, force: true });
  return environmentWithPika();
}

async function environmentWithPika(): Promise<string> {
  const folder = await cached(NAME, async (unfinished) => {
    await createEnvironment(unfinished);
    await run(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', 'pika==1.4.4']);
  });
  return join(folder, 'bin', 'python');
}

/** The command line of schemathesis, which tries an API by its OpenAPI document, in an environment of its own. */
export async function obtainSchemathesis(): Promise<string> {
  const folder = await cached(SCHEMATHESIS, async (unfinished) => {
    await createEnvironment(unfinished);
    const requirement = SCHEMATHESIS.replace('-', '==');
    await run(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', requirement]);
  });
  return join(folder, 'bin', 'python');
}

async function createEnvironment(folder: string): Promise<void> {
  const python = await which('python3');
  if (python !== undefined) {
    const made = await run(python, ['-m', 'venv', '--clear', folder]).then(
      () => isExecutable(join(folder, 'bin', 'pip')),
      () => false, // Debian keeps the module's other half in a package of its own
    );
    if (made) return;
  }
  await aptInstall('Python 3 with venv', ['python3', 'python3-venv']);
  await run('/usr/bin/python3', ['-m', 'venv', '--clear', folder]);
}

/** Downloads one wheel of the Python index into `folder`. */
export async function downloadWheel(requirement: string, folder: string): Promise<void> {
  const python = await obtainPython();
  await run(python, [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '-d',
    folder,
    requirement,
  ]);
}
