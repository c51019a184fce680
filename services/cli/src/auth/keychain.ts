import type { AsyncEntry } from '@napi-rs/keyring';

/** Keeps secrets where the operating system keeps those of its user. Each call throws a `KeychainError`. */
export interface Keychain {
  get(account: string): Promise<string | undefined>;
  set(account: string, secret: string): Promise<void>;
  delete(account: string): Promise<void>;
}

/** There is no keychain here, or it stays locked; the message says why, as part of a sentence. */
export class KeychainError extends Error {
  override readonly name = 'KeychainError';
}

const SERVICE = 'simple-scheduler';
/** Where there is no secret service, the library would take the kernel's keyring, which is empty after a restart. */
const OPTIONS = { linux: { store: 'secret-service' } } as const;

/** A locked keychain asks its user for a password in a window of its own. */
const SPEAK_AFTER_MS = 2_000;
const PATIENCE_MS = 60_000;

/** The keychain of macOS, the credential manager of Windows, the secret service of a Linux desktop. */
export function systemKeychain(say: (sentence: string) => void): Keychain {
  const ask = async <T>(account: string, act: (entry: AsyncEntry) => Promise<T>): Promise<T> => {
    const timers = [
      setTimeout(() => say('Waiting for the system keychain: unlock it where it asks for that.'), SPEAK_AFTER_MS),
    ];
    const late = new Promise<never>((_, reject) => {
      timers.push(setTimeout(() => reject(new Error('it did not answer')), PATIENCE_MS));
    });
    try {
      // Loaded when needed: it is native, and there are machines that it does not run on.
      const { AsyncEntry } = await import('@napi-rs/keyring');
      return await Promise.race([act(new AsyncEntry(SERVICE, account, OPTIONS)), late]);
    } catch (cause) {
      throw new KeychainError(reasonOf(cause), { cause });
    } finally {
      timers.forEach(clearTimeout);
    }
  };
  return {
    get: (account) => ask(account, async (entry) => (await entry.getPassword()) ?? undefined),
    set: (account, secret) => ask(account, (entry) => entry.setPassword(secret)),
    delete: (account) => ask(account, async (entry) => void (await entry.deletePassword())),
  };
}

/** The first line, without what the layers above put before it. */
function reasonOf(cause: unknown): string {
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return line
    .replace(/^((Platform failure|Couldn't access platform storage|DBus error): )+/, '')
    .replace(/[.\s]+$/, '');
}
