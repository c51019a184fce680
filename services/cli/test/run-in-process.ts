import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Io } from '../src/io.ts';
import { runCli } from '../src/program.ts';
import type { Outcome } from './run-cli.ts';

/** The same program without a process of its own, for what ends before anything is asked of anyone. */
export async function runInProcess(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const told = Promise.all([text(stdout), text(stderr)]);
  const io = { program: 'simple-scheduler-cli', env, stdin, stdout, stderr } as unknown as Io;
  const code = await runCli(args, io);
  stdout.end();
  stderr.end();
  const [out, err] = await told;
  return { code, out, err };
}
