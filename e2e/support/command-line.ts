import { fileURLToPath } from 'node:url';
import { privateFolder, removeFolder } from '@simple-scheduler/testkit';
import { cleanEnv, cli, type Spawned, start } from './service.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/dist/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as one user has it: with a folder of their own for logins, and the address of an API. */
export interface CommandLine extends AsyncDisposable {
  /** Where the login is kept. */
  readonly credentials: string;
  /** Runs a command line, split at blanks, to its end. */
  (line: string): Promise<Outcome>;
  /** The JSON that a command prints. Rejects when it does not exit with 0. */
  json<T>(line: string): Promise<T>;
  /** Starts a command that waits for something. */
  start(line: string): Spawned;
}

export async function commandLine(apiUrl: string): Promise<CommandLine> {
  const folder = await privateFolder('cli');
  const env = {
    SIMPLE_SCHEDULER_URL: apiUrl,
    SIMPLE_SCHEDULER_CONFIG_DIR: `${folder}/config`,
    // Nothing is to be left in the keychain of whoever runs this.
    SIMPLE_SCHEDULER_CREDENTIALS: 'file',
  };
  const run = (line: string): Promise<Outcome> => cli(line.split(' '), env);
  return Object.assign(run, {
    credentials: `${folder}/config/credentials.json`,
    json: async <T>(line: string): Promise<T> => {
      const { code, stdout, stderr } = await run(`${line} -o json`);
      if (code !== 0) throw new Error(`"${line}" exited with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    start: (line: string) =>
      start(`cli ${line}`, process.execPath, [MAIN, ...line.split(' ')], { ...cleanEnv(), ...env }),
    [Symbol.asyncDispose]: () => removeFolder(folder),
  });
}
