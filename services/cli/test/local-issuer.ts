import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request at the token or revocation endpoint. */
export type Form = Readonly<Record<string, string>>;

export interface LocalIssuer extends AsyncDisposable {
  readonly url: string;
  /** Forms posted to the token endpoint, oldest first. */
  readonly asked: Form[];
  readonly revoked: Form[];
  /** What the next logins and renewals get. */
  behaviour: Behaviour;
}

export interface Behaviour {
  /** Seconds until an access token runs out. */
  readonly expiresIn?: number;
  /** Nonce to put into ID tokens instead of the one asked for. */
  readonly nonce?: string;
  /** OAuth error that the token endpoint answers instead. */
  readonly tokenError?: string;
  /** OAuth error that the user's browser comes back with. */
  readonly authorizationError?: string;
  readonly withoutRefreshToken?: boolean;
  readonly withoutRevocation?: boolean;
}

interface Code {
  readonly nonce: string;
  readonly challenge: string;
}

/** A small OpenID issuer on loopback, for what a real one can't be made to do on demand. */
export async function localIssuer(): Promise<LocalIssuer> {
  const signer = createSigner();
  const codes = new Map<string, Code>();
  const state = { asked: [] as Form[], revoked: [] as Form[], behaviour: {} as Behaviour };

  const sign = (claims: object): string => {
    const now = Math.floor(Date.now() / 1_000);
    const expiry = { iss: url, sub: 'user-1', iat: now, exp: now + (state.behaviour.expiresIn ?? 300) };
    return signer.sign({ ...expiry, ...claims });
  };

  const tokens = (form: Form): object => {
    const { tokenError, expiresIn = 300, withoutRefreshToken, nonce } = state.behaviour;
    if (tokenError !== undefined) return { error: tokenError, error_description: 'As the test wants it' };
    const code = codes.get(form['code'] ?? '');
    if (form['grant_type'] === 'authorization_code') {
      const challenge = createHash('sha256')
        .update(form['code_verifier'] ?? '')
        .digest('base64url');
      if (code?.challenge !== challenge)
        return { error: 'invalid_grant', error_description: 'PKCE verification failed' };
    }
    const idToken =
      code && sign({ aud: 'simple-scheduler-cli', nonce: nonce ?? code.nonce, preferred_username: 'guest' });
    const scope = 'jobs:read jobs:write runs:read runs:write';
    return {
      access_token: sign({ preferred_username: 'guest', azp: 'simple-scheduler-cli', scope, jti: randomUUID() }),
      token_type: 'Bearer',
      expires_in: expiresIn,
      ...(withoutRefreshToken ? {} : { refresh_token: `refresh-${randomUUID()}` }),
      ...(idToken === undefined ? {} : { id_token: idToken }),
    };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = new URL(request.url ?? '/', url);
    const form = await readForm(request);
    if (asked.pathname === '/authorize') {
      response.writeHead(302, { location: wayBack(asked.searchParams, codes, state.behaviour) }).end();
      return;
    }
    const body = answer(asked.pathname, form);
    const isError = body !== undefined && 'error' in body;
    response.writeHead(body === undefined ? 404 : isError ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  };

  const answer = (path: string, form: Form): object | undefined => {
    if (path === '/.well-known/openid-configuration') return metadata(url, state.behaviour);
    if (path === '/jwks') return { keys: [signer.key] };
    if (path === '/token') {
      state.asked.push(form);
      return tokens(form);
    }
    if (path !== '/revoke') return undefined;
    state.revoked.push(form);
    return {};
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** Where the user's browser is sent after it has logged in, or refused to. */
function wayBack(query: URLSearchParams, codes: Map<string, Code>, behaviour: Behaviour): string {
  const back = new URL(query.get('redirect_uri') ?? '');
  back.searchParams.set('state', query.get('state') ?? '');
  if (behaviour.authorizationError === undefined) {
    const code = randomUUID();
    codes.set(code, { nonce: query.get('nonce') ?? '', challenge: query.get('code_challenge') ?? '' });
    back.searchParams.set('code', code);
  } else {
    back.searchParams.set('error', behaviour.authorizationError);
    back.searchParams.set('error_description', 'The <b>user</b> said no');
  }
  return back.href;
}

interface Signer {
  readonly key: object;
  sign(claims: object): string;
}

function createSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    key: { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' },
    sign: (claims) => {
      const text = `${part({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${part(claims)}`;
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
    },
  };
}

function metadata(url: string, { withoutRevocation }: Behaviour): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
    ...(withoutRevocation ? {} : { revocation_endpoint: `${url}/revoke` }),
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
  };
}

async function readForm(request: IncomingMessage): Promise<Form> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return Object.fromEntries(new URLSearchParams(text));
}
