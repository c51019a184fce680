import { z } from 'zod';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Epoch ms by this machine's clock; absent where the issuer did not say. */
  readonly expiresAt?: number | undefined;
  /** As granted, separated by spaces. */
  readonly scope?: string | undefined;
}

export type Flow = 'browser' | 'device' | 'service';

/** How one API was logged in to. */
export interface Login {
  readonly issuer: string;
  readonly clientId: string;
  readonly flow: Flow;
  /** Kept for as long as the login lasts: without it the tokens could not be renewed. */
  readonly clientSecret?: string | undefined;
  /** Absent after a logout: issuer and client are remembered for the next login. */
  readonly tokens?: Tokens | undefined;
}

/** Where the secrets of a login are: the client's secret and the tokens. */
export type Keeping = 'keychain' | 'file';

/** A login as the file has it: without secrets where they are in the keychain. */
export interface LoginRecord extends Login {
  readonly keptIn?: 'keychain' | undefined;
}

/** What is known of a login without its secrets. */
export interface KnownLogin extends Pick<Login, 'issuer' | 'clientId' | 'flow'> {
  /** The file, or `system keychain`; absent after a logout. */
  readonly keptIn?: string;
}

const text = z.string().min(1);

export const secretsSchema: z.ZodType<Pick<Login, 'clientSecret' | 'tokens'>> = z.object({
  clientSecret: text.optional(),
  tokens: z
    .object({
      accessToken: text,
      refreshToken: text.optional(),
      expiresAt: z.number().optional(),
      scope: z.string().optional(),
    })
    .optional(),
});

export const loginRecordSchema: z.ZodType<LoginRecord> = z
  .object({
    issuer: text,
    clientId: text,
    flow: z.enum(['browser', 'device', 'service']),
    keptIn: z.literal('keychain').optional(),
  })
  .and(secretsSchema);

/** Keeps logins, one for each API address, where only their owner can read them. Throws `CliFailure`s. */
export interface CredentialStore {
  /** The login of an API. */
  read(apiUrl: string): Promise<Login | undefined>;
  /** The same without its secrets, for which no keychain needs to be unlocked. */
  recall(apiUrl: string): Promise<KnownLogin | undefined>;
  /** Replaces the login of an API. Only inside `exclusively`. */
  write(apiUrl: string, login: Login): Promise<void>;
  /**
   * Forgets all logins where none can be used, as their file is damaged or open to others. Resolves with that file where it
   * was so. Only inside `exclusively`.
   */
  discardUnusable(apiUrl: string): Promise<string | undefined>;
  /** To be called before the user is troubled with a login that could not be kept as wanted. */
  assureUsable(apiUrl: string): Promise<void>;
  /** Runs `act` while no other process is inside: two must not use the same refresh token. */
  exclusively<T>(act: () => Promise<T>): Promise<T>;
}
