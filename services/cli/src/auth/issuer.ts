import { SCOPES } from '@simple-scheduler/contracts';
import type { Configuration, TokenEndpointResponse } from 'openid-client';
import { deepestMessage } from '../deepest-message.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, usageFailure } from '../failures.ts';
import type { Login, Tokens } from './credentials.ts';

/** What a login asks for; an issuer grants of it what the user has. */
export const REQUESTED_SCOPE: string = ['openid', ...SCOPES].join(' ');

const ISSUER_TIMEOUT_S = 10;

/** Reads the issuer's discovery document. Throws a `CliFailure`. */
export async function discoverIssuer(
  client: Pick<Login, 'issuer' | 'clientId' | 'clientSecret'>,
): Promise<Configuration> {
  const url = issuerUrl(client.issuer);
  const oidc = await import('openid-client');
  const authentication = client.clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(client.clientSecret);
  return asking(client.issuer, () =>
    oidc.discovery(url, client.clientId, undefined, authentication, {
      timeout: ISSUER_TIMEOUT_S,
      execute: url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    }),
  );
}

/** Plain http is for issuers on this machine: anywhere else it would show the tokens to the network. */
function issuerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw usageFailure(
      `"${text}" is not the address of an issuer: give one like https://id.example.org/realms/main with -i.`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw usageFailure(`The issuer ${text} is not on this machine, so its address must start with https://.`);
  }
  return url;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** Runs an exchange with the issuer and turns what goes wrong into a sentence. */
export async function asking<T>(issuer: string, exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    throw issuerFailure(issuer, error);
  }
}

function issuerFailure(issuer: string, error: unknown): Error {
  if (error instanceof CliFailure || !(error instanceof Error)) return error as Error;
  const refusal = oauthRefusal(error);
  if (refusal !== undefined) {
    return new CliFailure(EXIT.notLoggedIn, `The issuer ${issuer} refused the login: ${refusal}.`, { cause: error });
  }
  const code = noAnswer(error);
  if (code !== undefined) {
    const sentence = `The issuer ${issuer} can't be reached (${code}): check its address, and that it is up.`;
    return new CliFailure(EXIT.unreachable, sentence, { cause: error });
  }
  const sentence = `${issuer} does not answer as an OpenID issuer should (${deepestMessage(error)}): check its address.`;
  return new CliFailure(EXIT.notLoggedIn, sentence, { cause: error });
}

/** `error` and `error_description` of an OAuth error answer. */
export function oauthRefusal(error: Error): string | undefined {
  if (!('error' in error) || typeof error.error !== 'string') return undefined;
  const description = 'error_description' in error ? error.error_description : undefined;
  return typeof description === 'string' ? `${description} (${error.error})` : error.error;
}

/** Why no proper answer came; openid-client and fetch wrap the code of a failed connection. */
export function noAnswer(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return 'timeout';
    if (at.cause instanceof Response && at.cause.status >= 500) return `it answered ${at.cause.status}`;
    if (at instanceof AggregateError) return noAnswer(at.errors[0]);
    if ('code' in at && typeof at.code === 'string' && !at.code.startsWith('OAUTH_')) return at.code;
  }
  return undefined;
}

export function toTokens(response: TokenEndpointResponse, nowMs: number): Tokens {
  return {
    accessToken: response.access_token,
    ...(response.refresh_token === undefined ? {} : { refreshToken: response.refresh_token }),
    ...(response.expires_in === undefined ? {} : { expiresAt: nowMs + response.expires_in * 1_000 }),
    ...(response.scope === undefined ? {} : { scope: response.scope }),
  };
}
