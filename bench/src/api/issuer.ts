import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const SCOPES = 'openid jobs:read jobs:write runs:read runs:write';
const AUDIENCE = 'simple-scheduler-bench';
const KEY_ID = 'bench';
const LIFETIME = '4h';

export interface Issuer extends AsyncDisposable {
  /** What an API is told, so that it takes this issuer's tokens. */
  readonly settings: Readonly<Record<'OIDC_ISSUER' | 'OIDC_AUDIENCE', string>>;
  /** Good for everything. */
  readonly token: string;
}

/** Discovery and keys over HTTP, as any issuer has them. An API asks for them once; then it checks each signature itself. */
export async function openIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: KEY_ID, use: 'sig' }] };
  const server = createServer((request, response) => {
    const isDiscovery = request.url?.endsWith('/.well-known/openid-configuration') ?? false;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isDiscovery ? { issuer: url, jwks_uri: `${url}/keys` } : keys));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = await new SignJWT({ scope: SCOPES })
    .setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
    .setIssuer(url)
    .setAudience(AUDIENCE)
    .setSubject('bench')
    .setIssuedAt()
    .setExpirationTime(LIFETIME)
    .sign(privateKey);
  return {
    settings: { OIDC_ISSUER: url, OIDC_AUDIENCE: AUDIENCE },
    token,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
