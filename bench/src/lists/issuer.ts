import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SCOPES } from '@simple-scheduler/contracts';

export interface Issuer extends AsyncDisposable {
  readonly url: string;
  /** Good for everything, for a day. */
  readonly token: string;
}

const DAY_S = 86_400;

/** The least that the API asks of an OpenID Connect issuer, so that signatures are checked as in real use. */
export async function openIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }];
  let url = '';
  const server = createServer((request, response) => {
    const document = request.url?.endsWith('/jwks') ? { keys } : { issuer: url, jwks_uri: `${url}/jwks` };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + DAY_S;
  const claims = { iss: url, sub: 'bench', aud: 'bench', exp, scope: SCOPES.join(' ') };
  const input = `${part({ alg: 'RS256', kid: 'bench', typ: 'JWT' })}.${part(claims)}`;
  return {
    url,
    token: `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
