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

const text = z.string().min(1);

export const loginSchema: z.ZodType<Login> = z.object({
  issuer: text,
  clientId: text,
  flow: z.enum(['browser', 'device', 'service']),
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

/** Keeps logins, one for each API address, where only their owner can read them. */
export interface CredentialStore {
  /** The login of an API. Throws a `CliFailure` where what is kept can't be read. */
  read(apiUrl: string): Promise<Login | undefined>;
  /** Replaces the login of an API. Only inside `exclusively`. */
  write(apiUrl: string, login: Login): Promise<void>;
  /** Runs `act` while no other process is inside: two must not use the same refresh token. */
  exclusively<T>(act: () => Promise<T>): Promise<T>;
}
