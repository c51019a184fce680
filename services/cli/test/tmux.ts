import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithMe, obtainShell, obtainTmux, privateFolder, removeFolder, waitFor } from '@simple-scheduler/testkit';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const run = promisify(execFile);

/** A shell in a terminal of tmux in which `sched` is the program, with a configuration folder of its own. */
export interface Terminal extends AsyncDisposable {
  /** Types text, and then keys by the names that tmux has for them: `Enter`, `C-c`, `Tab`. */
  type(text: string, ...keys: string[]): Promise<void>;
  /** What stands on the screen; with `styles`, colours too; `joined`: lines that the terminal broke as they were. */
  screen(options?: { styles?: true; joined?: true }): Promise<string>;
  /** The screen once it matches. */
  shows(pattern: RegExp): Promise<string>;
  /** Runs a command to its end: what it left on the cleared screen, and its exit code. */
  command(line: string): Promise<{ text: string; code: number }>;
}

export async function openTerminal(options: {
  readonly columns: number;
  readonly rows?: number;
  readonly env: Record<string, string>;
}): Promise<Terminal> {
  const [tmux, bash, folder] = [await obtainTmux(), await obtainShell('bash'), await privateFolder('tmux')];
  await writeFile(
    join(folder, 'sched'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=x-source "${MAIN}" "$@"\n`,
  );
  await chmod(join(folder, 'sched'), 0o755);
  // In a file: shells take no prompt from their environment.
  await writeFile(join(folder, 'rc'), "PS1='> '\n");
  const { PATH, HOME = folder } = process.env;
  const env = {
    PATH: `${folder}:${PATH}`,
    HOME,
    LANG: 'C.UTF-8',
    SIMPLE_SCHEDULER_CONFIG_DIR: join(folder, 'config'),
    SIMPLE_SCHEDULER_CREDENTIALS: 'file',
    ...options.env,
  };
  const tell = async (...args: string[]): Promise<string> =>
    (await run(tmux, ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], { env })).stdout;
  const size = ['-x', String(options.columns), '-y', String(options.rows ?? 40)];
  await tell('new-session', '-d', ...size, `exec ${bash} --noprofile --rcfile ${join(folder, 'rc')} -i`);

  const type = async (text: string, ...keys: string[]): Promise<void> => {
    if (text !== '') await tell('send-keys', '-l', text);
    if (keys.length > 0) await tell('send-keys', ...keys);
  };
  const screen: Terminal['screen'] = ({ styles, joined } = {}) =>
    tell('capture-pane', '-p', ...(styles ? ['-e'] : []), ...(joined ? ['-J'] : []));
  const shows = async (pattern: RegExp): Promise<string> => {
    let last = '';
    const look = async (): Promise<string | undefined> => {
      last = await screen();
      return pattern.test(last) ? last : undefined;
    };
    return waitFor(look, { timeoutMs: 60_000, intervalMs: 100, message: () => `${String(pattern)} on\n${last}` });
  };
  endWithMe(Number(await tell('display-message', '-p', '#{pid}')));
  await shows(/^>/);
  let commands = 0;
  return {
    type,
    screen,
    shows,
    command: async (line) => {
      // From a file, so that no screen is too narrow for what is typed; with a mark that no earlier one had.
      await writeFile(join(folder, 'line'), `clear\n${line}\n`);
      const mark = ++commands;
      await type(`. ${join(folder, 'line')}; echo "[${mark}:$?]"`, 'Enter');
      const end = new RegExp(`^(?<text>[^]*?)\\n?\\[${mark}:(?<code>\\d+)\\]$`, 'm');
      const { text = '', code } = end.exec(await shows(end))?.groups ?? {};
      return { text, code: Number(code) };
    },
    [Symbol.asyncDispose]: async () => {
      await tell('kill-server');
      await removeFolder(folder);
    },
  };
}
