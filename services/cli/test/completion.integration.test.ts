import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { obtainShell } from '@simple-scheduler/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHELLS } from '../src/completion/scripts.ts';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { runInProcess } from './run-in-process.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let api: RealApi;
let folder: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  api = await realApi();
  folder = await mkdtemp(join(tmpdir(), 'simple-scheduler-completion-'));
  await writeFile(
    join(folder, 'sched'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=x-source "${MAIN}" "$@"\n`,
  );
  await chmod(join(folder, 'sched'), 0o755);
  for (const shell of SHELLS) {
    await writeFile(join(folder, `sched.${shell}`), (await runInProcess(['completion', shell])).out);
  }
  await runInProcess(['context', 'set', 'here', '--url', api.url], env());
  await runInProcess(['context', 'use', 'here'], env());
  for (const name of ['send-report', 'send-bill', 'nightly']) {
    const body = JSON.stringify({ name, description: `Does ${name}` });
    const response = await fetch(`${api.url}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(201);
  }
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const env = (): Record<string, string> => ({ SIMPLE_SCHEDULER_CONFIG_DIR: folder });

async function offered(...words: string[]): Promise<string[]> {
  const { code, out, err } = await runInProcess(['__complete', '--', ...words], env());
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '');
}

describe('what is offered', () => {
  test('verbs, nouns and flags', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['login', 'list', 'apply', 'context', 'completion']));
    expect(await offered('')).not.toContain('__complete');
    expect(await offered('li')).toEqual(['list']);
    expect(await offered('-o', 'json', 'list', '')).toEqual(['jobs', 'runs', 'ticks']);
    expect(await offered('list', 'runs', '--st')).toEqual(['--status', '--started-before']);
    expect(await offered('list', 'runs', '--outp')).toEqual(['--output']);
    expect(await offered('nonsense', '')).toEqual(await offered(''));
  });

  test('values of flags', async () => {
    expect(await offered('list', 'jobs', '-o', '')).toEqual(['table', 'wide', 'json', 'yaml', 'name']);
    expect(await offered('list', 'jobs', '--output=j')).toEqual(['--output=json']);
    expect(await offered('list', 'jobs', '--output', '=', 'j')).toEqual(['json']);
    expect(await offered('list', 'runs', '-s', 'c')).toEqual(['cancelling', 'cancelled', 'completed']);
    expect(await offered('add', 'job', '--misfire-policy', '')).toEqual(['fire_once', 'skip', 'fire_all']);
    expect(await offered('update', 'job', 'x', '--clear', 'c')).toEqual(['cron']);
    expect(await offered('apply', '-f', '')).toEqual([':files']);
    expect(await offered('completion', '')).toEqual([...SHELLS]);
    expect(await offered('add', 'job', '--interval', '')).toEqual([]);
  });

  test('names of jobs, runs and contexts, from the API that the words name', async () => {
    expect(await offered('get', 'job', '')).toEqual(['nightly', 'send-bill', 'send-report']);
    expect(await offered('get', 'job', '-o', 'yaml', 'send-')).toEqual(['send-bill', 'send-report']);
    expect(await offered('delete', 'job', 'nightly', 'send-b')).toEqual(['send-bill']);
    expect(await offered('get', 'job', 'nightly', '')).toEqual([]);
    expect(await offered('list', 'runs', '-j', 'n')).toEqual(['nightly']);
    expect(await offered('add', 'job', '')).toEqual([]);
    expect(await offered('add', 'job', '-n', 's')).toEqual([]);
    const response = await fetch(`${api.url}/jobs/nightly/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const { id } = (await response.json()) as { id: string };
    expect(await offered('cancel', 'run', '')).toEqual([id]);
    expect(await offered('retry', 'run', '')).toEqual([]);
    expect(await offered('--context', '')).toEqual(['here']);
    expect(await offered('--context', 'here', 'get', 'job', 'n')).toEqual(['nightly']);
    expect(await offered('-u', 'http://127.0.0.1:9/api', 'get', 'job', 'n')).toEqual([]);
    expect(await offered('get', 'job', '--url=nonsense', 'n')).toEqual([]);
  });
});

const START = {
  bash: { command: 'bash --norc --noprofile -i', setUp: 'PS1="ready> "; source ./sched.bash' },
  zsh: {
    command: 'zsh -f -i',
    setUp: 'PS1="ready> "; disable sched; autoload -U compinit; compinit -u -D; source ./sched.zsh',
  },
  fish: { command: 'fish --no-config -i', setUp: 'function fish_prompt; echo -n "ready> "; end; source ./sched.fish' },
} as const;

test.each(SHELLS)('in %s on a terminal a name is completed by the tab key', async (shell) => {
  await obtainShell(shell);
  const { command, setUp } = START[shell];
  const { PATH, HOME } = process.env;
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 100 rows 24; exec ${command}`, '/dev/null'],
    {
      cwd: folder,
      env: { ...env(), PATH: `${folder}:${PATH}`, HOME: HOME ?? folder, TERM: 'xterm' },
    },
  );
  started.push(child);
  let seen = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    heard();
  });
  /** Once the terminal shows it, forgets what came before. */
  const expectShown = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${String(pattern)} is not shown: ${JSON.stringify(seen)}`)),
        60_000,
      );
      heard = () => {
        if (!pattern.test(stripVTControlCharacters(seen))) return;
        clearTimeout(late);
        seen = '';
        resolve();
      };
      heard();
    });
  const type = (text: string): void => void child.stdin.write(text);

  type(`${setUp}\r`);
  await expectShown(/(^|\n|\r)ready> /);
  type('sched get job send-r\t');
  await expectShown(/send-report/);
  type('\r');
  await expectShown(/description +Does send-report/);
  type('exit\r');
});
