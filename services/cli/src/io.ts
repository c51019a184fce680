import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { usageFailure } from './failures.ts';

/** What a command has of the process around it. */
export interface Io {
  /** How the user called the program, for the commands that messages name. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Writes a result; resolves once more may follow. */
export async function writeResult({ stdout }: Io, text: string): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain');
}

/** Columns of a terminal; undefined for anything else, which needs no breaks. */
export function widthOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY ? columns : undefined;
}

/** Both ends of a conversation are a terminal: what is asked on stderr can be answered on stdin. */
export function canAsk({ stdin, stderr }: Io): boolean {
  return Boolean(stdin.isTTY && stderr.isTTY);
}

/** Colours need a terminal that can, and a user who does not mind (https://no-color.org). */
export function mayColor(stream: NodeJS.WriteStream, env: Io['env'], wanted: boolean): boolean {
  return wanted && Boolean(stream.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** A secret from the environment, or from the file that `NAME_FILE` names. Throws a `CliFailure`. */
export function secretFrom(env: Io['env'], name: string): string | undefined {
  const value = env[name];
  if (value) return value;
  const path = env[`${name}_FILE`];
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    throw usageFailure(`${name}_FILE names ${path}, which can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/**
 * A reader that has seen enough (`| head`) is no failure: the program ends without a word. A full disk is one. What nobody
 * caught is told in a sentence as well.
 */
export function watchOutput({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>): void {
  process.on('uncaughtException', (error) => {
    stderr.write(
      `Error: Something unexpected went wrong (${error.message}): try again, and report it if that fails.\n`,
    );
    process.exit(EXIT.refused);
  });
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    stderr.write(`Error: The result can't be written (${error.code}): see to where it goes, and try again.\n`);
    process.exit(EXIT.refused);
  });
  // There is nowhere left to say it, and the exit code still tells.
  stderr.on('error', () => {});
}

const LINGER_MS = 1_000;

/** All is done: what still holds the process open, like a keychain that never answered, is waited for no longer. */
export function endSoon({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>): void {
  const timer = setInterval(() => {
    if (stdout.writableLength + stderr.writableLength === 0) process.exit();
  }, LINGER_MS);
  timer.unref();
}
