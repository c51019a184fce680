import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { replaceFile, unusable } from '../private-file.ts';
import { loginRecordSchema } from './credentials.ts';
import type { CredentialStore, LoginRecord } from './credentials.ts';
import { whileHolding } from './exclusive-file.ts';

const fileSchema = z.object({ version: z.literal(1), logins: z.record(z.string(), loginRecordSchema) });
type Content = z.output<typeof fileSchema>;

export interface CredentialFile extends Pick<CredentialStore, 'exclusively'> {
  readonly path: string;
  read(apiUrl: string): Promise<LoginRecord | undefined>;
  /** As `read`, where a new login is to come: nothing for a file that can't be used. */
  readToReplace(apiUrl: string): Promise<LoginRecord | undefined>;
  write(apiUrl: string, login: LoginRecord): Promise<void>;
  /** Removes a file whose logins can't be used, and says whether it was one. Only inside `exclusively`. */
  discardUnusable(): Promise<boolean>;
}

/** Logins in `credentials.json` in the folder, mode 0600, replaced as a whole so that a crash leaves the old or the new. */
export function credentialFile(folder: string): CredentialFile {
  const path = join(folder, 'credentials.json');

  const load = async (): Promise<Content> => {
    let text: string;
    try {
      await refuseOpen(path);
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, logins: {} };
      throw error instanceof CliFailure ? error : unusable(path, 'read', error);
    }
    const content = fileSchema.safeParse(parseJson(text));
    if (content.success) return content.data;
    const sentence = `The logins in ${path} are damaged: delete that file and log in again.`;
    throw new CliFailure(EXIT.notLoggedIn, sentence, { cause: content.error });
  };

  /** Undefined for damaged logins, and for those that others could read. */
  const loadUsable = async (): Promise<Content | undefined> => {
    try {
      return await load();
    } catch (error) {
      if (error instanceof CliFailure && error.exitCode === EXIT.notLoggedIn) return undefined;
      throw error;
    }
  };

  /** A new login replaces those that can't be used. */
  const loadOrDiscard = async (): Promise<Content> => (await loadUsable()) ?? { version: 1, logins: {} };

  const loginIn = ({ logins }: Content, apiUrl: string): LoginRecord | undefined =>
    Object.hasOwn(logins, apiUrl) ? logins[apiUrl] : undefined;

  return {
    path,
    read: async (apiUrl) => loginIn(await load(), apiUrl),
    readToReplace: async (apiUrl) => loginIn(await loadOrDiscard(), apiUrl),
    write: async (apiUrl, login) => {
      const { logins } = await loadOrDiscard();
      const content: Content = { version: 1, logins: { ...logins, [apiUrl]: login } };
      await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
    },
    discardUnusable: async () => {
      if ((await loadUsable()) !== undefined) return false;
      await rm(path, { force: true }).catch((error: unknown) => {
        throw unusable(path, 'removed', error);
      });
      return true;
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
async function refuseOpen(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  const sentence = `${path} is open to others, so the logins in it are not used: log in again, or if nobody else has read it, close it with \`chmod 600 ${path}\`.`;
  throw new CliFailure(EXIT.notLoggedIn, sentence);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
