import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import type { CredentialFile } from './credential-file.ts';
import { secretsSchema } from './credentials.ts';
import type { CredentialStore, Keeping, Login } from './credentials.ts';
import { KeychainError } from './keychain.ts';
import type { Keychain } from './keychain.ts';

/** How the place is called where people are told of it. */
export const KEYCHAIN_NAME = 'system keychain';

export interface KeptLoginsOptions {
  readonly file: CredentialFile;
  readonly keychain: Keychain;
  /** Absent: in the keychain where there is one. */
  readonly wanted: Keeping | undefined;
}

/**
 * Logins with their secrets in the system keychain, or in the file where there is none. The file always has the rest, and
 * says where the secrets are: what is read does not depend on what is wanted now.
 */
export function keptLogins({ file, keychain, wanted }: KeptLoginsOptions): CredentialStore {
  /** Two folders of settings do not share a login. */
  const account = (apiUrl: string): string => `${apiUrl} (${file.path})`;

  const open = async (apiUrl: string): Promise<string | undefined> => {
    try {
      return await keychain.get(account(apiUrl));
    } catch (cause) {
      const sentence = `The login to ${apiUrl} is in the system keychain, which can't be used (${because(cause)}): unlock it, or log in again with SIMPLE_SCHEDULER_CREDENTIALS=file.`;
      throw new CliFailure(EXIT.notLoggedIn, sentence, { cause });
    }
  };

  /** Whether the keychain has it now. */
  const putInKeychain = async (apiUrl: string, { clientSecret, tokens }: Login): Promise<boolean> => {
    if (wanted === 'file' || tokens === undefined) return false;
    try {
      await keychain.set(account(apiUrl), JSON.stringify({ clientSecret, tokens }));
      return true;
    } catch (cause) {
      if (wanted === 'keychain') throw noKeychain(cause);
      if (cause instanceof KeychainError) return false;
      throw cause;
    }
  };

  return {
    exclusively: file.exclusively,
    recall: async (apiUrl) => {
      const record = await file.read(apiUrl);
      if (record === undefined) return undefined;
      const { issuer, clientId, flow, tokens, keptIn } = record;
      if (keptIn === 'keychain') return { issuer, clientId, flow, keptIn: KEYCHAIN_NAME };
      return { issuer, clientId, flow, ...(tokens === undefined ? {} : { keptIn: file.path }) };
    },
    read: async (apiUrl) => {
      const record = await file.read(apiUrl);
      if (record?.keptIn !== 'keychain') return record;
      const { keptIn: _, ...login } = record;
      return { ...login, ...secretsIn(await open(apiUrl)) };
    },
    write: async (apiUrl, login) => {
      const before = await file.readToReplace(apiUrl);
      const { clientSecret: _secret, tokens: _tokens, ...rest } = login;
      if (await putInKeychain(apiUrl, login)) return file.write(apiUrl, { ...rest, keptIn: 'keychain' });
      await file.write(apiUrl, login);
      if (before?.keptIn === 'keychain') await forget(keychain, account(apiUrl), login);
    },
    discardUnusable: async (apiUrl) => {
      if (!(await file.discardUnusable())) return undefined;
      // Whether it had a secret there, the file can't tell any more.
      if (wanted !== 'file') await keychain.delete(account(apiUrl)).catch(() => {});
      return file.path;
    },
    assureUsable: async (apiUrl) => {
      if (wanted !== 'keychain') return;
      await keychain.get(account(apiUrl)).catch((cause: unknown) => {
        throw noKeychain(cause);
      });
    },
  };
}

/** What has a new place need not be fetched from an old one that can't be reached; what is to be forgotten must be. */
async function forget(keychain: Keychain, account: string, { tokens }: Login): Promise<void> {
  await keychain.delete(account).catch((cause: unknown) => {
    if (tokens === undefined) throw noKeychain(cause);
  });
}

function noKeychain(cause: unknown): CliFailure {
  const sentence = `The system keychain can't be used (${because(cause)}): start or unlock it, or set SIMPLE_SCHEDULER_CREDENTIALS=file.`;
  return new CliFailure(EXIT.refused, sentence, { cause });
}

function because(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** None where somebody took them out of the keychain, or put something else in. */
function secretsIn(text: string | undefined): Pick<Login, 'clientSecret' | 'tokens'> {
  if (text === undefined) return {};
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
