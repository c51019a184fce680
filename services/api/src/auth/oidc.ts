import { SchedulerError } from '@simple-scheduler/engine';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Authenticator, Identity } from './access.ts';
import { invalidToken } from './bearer.ts';
import { createIssuer, IssuerUnavailableError } from './issuer.ts';
import { RememberedTokens } from './remembered-tokens.ts';

/** Only signatures whose key is not a shared secret: a public key must never pass for one (HS256 with an RSA key). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_S = 30;
/** Tokens that some issuers sign with the same key for other purposes, by their claim `typ`. */
const OTHER_TOKENS = new Set(['ID', 'Refresh', 'Offline', 'Logout']);

export interface OidcOptions {
  readonly issuer: string;
  /** Undefined: tokens for anyone are accepted. */
  readonly audience?: string;
}

/** Accepts access tokens of one issuer, by its published keys. The issuer is first asked when a token comes. */
export function createOidcAuthenticator({ issuer: url, audience }: OidcOptions): Authenticator {
  const tokens = new RememberedTokens({ check });
  const issuer = createIssuer(url, { onNewKeys: () => tokens.forget() });

  async function check(token: string): Promise<Identity> {
    const { name, keys } = await issuer.find();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: name,
        ...(audience === undefined ? {} : { audience }),
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ['exp'],
      });
      if (OTHER_TOKENS.has(String(payload['typ']))) throw invalidToken('this is not an access token');
      return identityOf(payload);
    } catch (error) {
      if (error instanceof SchedulerError || !(error instanceof errors.JOSEError)) throw error;
      throw invalidToken(explain(error));
    }
  }

  return {
    authenticate: (token) => tokens.identify(token),
    issuerState: async () => {
      const found = await issuer.find().catch(() => undefined);
      return (await found?.reachable()) === true ? 'reachable' : 'away';
    },
    check: async () => {
      try {
        await issuer.find();
        return undefined;
      } catch (error) {
        if (error instanceof IssuerUnavailableError) return error.message;
        throw error;
      }
    },
  };
}

function identityOf(payload: JWTPayload): Identity {
  const { scope } = payload;
  const listed = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : [];
  const scopes = listed.filter((one): one is string => typeof one === 'string' && one !== '');
  return { subject: payload.sub ?? '', scopes: new Set(scopes), expiresAt: (payload.exp ?? 0) * 1_000 };
}

/** What is wrong with a token, without repeating anything of it. */
function explain(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === 'missing'
      ? `the token lacks the claim ${error.claim}`
      : `the claim ${error.claim} of the token is not acceptable here`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is not signed with an acceptable algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'the token is not signed with a key of the issuer';
  }
  return 'this is not a valid token';
}
