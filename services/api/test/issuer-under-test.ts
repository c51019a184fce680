import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly key: CryptoKey | Uint8Array;
}

export interface IssuerUnderTest {
  readonly url: string;
  /** By algorithm; their public halves are published. */
  readonly keys: Readonly<Record<'RS256' | 'ES256' | 'EdDSA', Signer>>;
  /** Requests that it has answered, as paths. */
  readonly asked: string[];
  /** Claims of a token that is good for everything; what is given replaces them, `undefined` takes away. */
  token(claims?: Readonly<Record<string, unknown>>, signer?: Signer): Promise<string>;
  /** Makes a key that is not published yet. */
  rotate(): Promise<Signer>;
  publish(signer: Signer): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const AUDIENCE = 'simple-scheduler-api';
export const ALL_SCOPES = 'openid jobs:read jobs:write runs:read runs:write';

async function signer(alg: string, kid: string, published: Map<string, object>): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  published.set(kid, { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' });
  return { alg, kid, key: privateKey };
}

/** An issuer on a port of this machine: discovery and keys over real HTTP, tokens signed by keys made for the test. */
export async function openIssuer(options: { document?: (url: string) => object } = {}): Promise<IssuerUnderTest> {
  const published = new Map<string, object>();
  const keys = {
    RS256: await signer('RS256', 'rsa', published),
    ES256: await signer('ES256', 'ec', published),
    EdDSA: await signer('EdDSA', 'ed', published),
  };
  const asked: string[] = [];
  let port = 0;
  let server: Server | undefined;
  const unpublished = new Map<string, object>();

  const issuer = {
    url: '',
    keys,
    asked,
    token: (claims: Readonly<Record<string, unknown>> = {}, by: Signer = keys.RS256) => {
      const now = Math.floor(Date.now() / 1_000);
      const all = {
        iss: issuer.url,
        aud: AUDIENCE,
        sub: 'guest',
        iat: now,
        exp: now + 300,
        scope: ALL_SCOPES,
        ...claims,
      };
      return new SignJWT(all).setProtectedHeader({ alg: by.alg, kid: by.kid, typ: 'JWT' }).sign(by.key);
    },
    rotate: () => signer('RS256', `rsa-${unpublished.size + 2}`, unpublished),
    publish: async ({ kid }: Signer) => void published.set(kid, unpublished.get(kid) ?? {}),
    start: async () => {
      server = createServer((request, response) => {
        asked.push(request.url ?? '');
        const bodies: Record<string, () => object> = {
          '/realm/.well-known/openid-configuration': () =>
            options.document?.(issuer.url) ?? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
          '/realm/keys': () => ({ keys: [...published.values()] }),
        };
        const body = bodies[request.url ?? ''];
        response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body?.() ?? {}));
      });
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
      issuer.url = `http://127.0.0.1:${port}/realm`;
    },
    stop: async () => {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    },
  };
  await issuer.start();
  return issuer;
}
