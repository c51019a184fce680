import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { replaceFile, unusable } from '../private-file.ts';
import { loginSchema } from './credentials.ts';
import type { CredentialStore, Login } from './credentials.ts';
import { whileHolding } from './exclusive-file.ts';

const fileSchema = z.object({ version: z.literal(1), logins: z.record(z.string(), loginSchema) });
type Content = z.output<typeof fileSchema>;

export interface CredentialFileOptions {
  readonly folder: string;
  /** Told what the user should know about the file. */
  warn(sentence: string): void;
}

/** Logins in `credentials.json` in the folder, mode 0600, replaced as a whole so that a crash leaves the old or the new. */
export function credentialFile({ folder, warn }: CredentialFileOptions): CredentialStore {
  const path = join(folder, 'credentials.json');

  const load = async (): Promise<Content> => {
    let text: string;
    try {
      await closeToOthers(path, warn);
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, logins: {} };
      throw unusable(path, 'read', error);
    }
    const content = fileSchema.safeParse(parseJson(text));
    if (content.success) return content.data;
    const sentence = `The logins in ${path} are damaged: delete that file and log in again.`;
    throw new CliFailure(EXIT.notLoggedIn, sentence, { cause: content.error });
  };

  /** A new login replaces damaged ones. */
  const loadOrDiscard = async (): Promise<Content> => {
    try {
      return await load();
    } catch (error) {
      if (error instanceof CliFailure && error.exitCode === EXIT.notLoggedIn) return { version: 1, logins: {} };
      throw error;
    }
  };

  return {
    read: async (apiUrl) => {
      const { logins } = await load();
      return Object.hasOwn(logins, apiUrl) ? logins[apiUrl] : undefined;
    },
    write: async (apiUrl: string, login: Login) => {
      const { logins } = await loadOrDiscard();
      const content: Content = { version: 1, logins: { ...logins, [apiUrl]: login } };
      await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
    },
    exclusively: async (act) => {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
      } catch (error) {
        throw unusable(folder, 'made', error);
      }
      return whileHolding(`${path}.lock`, act);
    },
  };
}

/** Permissions mean this on POSIX systems only; elsewhere the user's profile folder is private by itself. */
async function closeToOthers(path: string, warn: (sentence: string) => void): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  await chmod(path, 0o600);
  warn(`${path} could be read by others and is now yours alone; log out and in again if that was not meant to be.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
