import type { TokenProvider } from '@simple-scheduler/client';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import type { CredentialStore, Login, Tokens } from './credentials.ts';
import { asking, discoverIssuer, oauthRefusal, toTokens } from './issuer.ts';
import { serviceFlow } from './service-flow.ts';

/** A token is renewed this long before it runs out, so that it does not do so on the way. */
const EARLY_MS = 15_000;

/** What is known about the caller's login; `ended`: it could be renewed no more. */
export type LoginState = 'none' | 'environment' | 'stored' | 'ended';

export interface TokenSource {
  readonly provide: TokenProvider;
  /** After a call of `provide`. */
  state(): LoginState;
}

export interface TokenSourceOptions {
  readonly apiUrl: string;
  readonly store: CredentialStore;
  /** Overrides what is stored. */
  readonly fromEnvironment: string | undefined;
  now(): number;
}

/** Tokens for one API: the one in the environment, or the stored one, renewed before it runs out and when it is refused. */
export function createTokenSource({ apiUrl, store, fromEnvironment, now }: TokenSourceOptions): TokenSource {
  let state: LoginState = 'none';

  const usable = (login: Login | undefined, refused: string | undefined): string | undefined => {
    const tokens = login?.tokens;
    if (tokens === undefined || tokens.accessToken === refused) return undefined;
    return tokens.expiresAt === undefined || tokens.expiresAt - EARLY_MS > now() ? tokens.accessToken : undefined;
  };

  /** Read again inside the lock: another process may have renewed it while this one waited. */
  const renew = (refused: string | undefined): Promise<string | undefined> =>
    store.exclusively(async () => {
      const login = await store.read(apiUrl);
      const alreadyRenewed = usable(login, refused);
      if (alreadyRenewed !== undefined || login?.tokens === undefined) return alreadyRenewed;
      const tokens = await renewedTokens(login, login.tokens, now());
      if (tokens !== undefined) await store.write(apiUrl, { ...login, tokens });
      return tokens?.accessToken;
    });

  const provide: TokenProvider = async ({ refused }) => {
    if (fromEnvironment !== undefined) {
      state = 'environment';
      return fromEnvironment;
    }
    const login = await store.read(apiUrl);
    if (login?.tokens === undefined) return undefined;
    const token = usable(login, refused) ?? (await renew(refused));
    state = token === undefined ? 'ended' : 'stored';
    return token;
  };

  return { provide, state: () => state };
}

/** New tokens of a login; undefined where the issuer says that it is over. Throws where the issuer can't be asked. */
async function renewedTokens(login: Login, tokens: Tokens, nowMs: number): Promise<Tokens | undefined> {
  if (login.flow !== 'service' && tokens.refreshToken === undefined) return undefined;
  const configuration = await discoverIssuer(login);
  try {
    if (login.flow === 'service') return toTokens(await serviceFlow(login.issuer, configuration), nowMs);
    const { refreshToken = '' } = tokens;
    const { refreshTokenGrant } = await import('openid-client');
    const granted = await asking(login.issuer, () => refreshTokenGrant(configuration, refreshToken));
    // An issuer that does not rotate refresh tokens may leave them out of the answer.
    return { refreshToken, ...toTokens(granted, nowMs) };
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.notLoggedIn && isRefusal(error.cause)) return undefined;
    throw error;
  }
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && oauthRefusal(cause) !== undefined;
}
