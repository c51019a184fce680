import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { freshName, type KeycloakServer } from '@simple-scheduler/testkit';
import { SignJWT } from 'jose';

/** The project's realm under a name of its own, in a Keycloak that others use too. */
export interface OwnRealm {
  readonly issuer: string;
  /** Tokens that Keycloak gives to the user `guest` for these scopes. */
  tokens(scopes: readonly string[]): Promise<Readonly<Record<'access_token' | 'id_token' | 'refresh_token', string>>>;
  /** A token that is signed with a key that the realm publishes. */
  forge(
    claims: Readonly<Record<string, unknown>>,
    signer?: { kid?: string; key?: KeyObject; header?: object },
  ): Promise<string>;
  /** A token that is signed with the realm's public key as if it were a shared secret. */
  forgeWithPublicKey(claims: Readonly<Record<string, unknown>>): string;
  remove(): Promise<void>;
}

const REALM_FILE = new URL('../../../keycloak/simple-scheduler-realm.json', import.meta.url);
const CLIENT = 'simple-scheduler-cli';

export async function createRealm(keycloak: KeycloakServer): Promise<OwnRealm> {
  const base = new URL(keycloak.issuer).origin;
  const name = freshName('realm');
  await administer(base, 'POST', '/admin/realms', await realmNamed(name));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await administer(base, 'POST', `/admin/realms/${name}/components`, keyComponent(privateKey));
  const issuer = `${base}/realms/${name}`;
  const kid = await publishedKey(issuer, publicKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' });

  return {
    issuer,
    tokens: async (scopes) => {
      const response = await fetch(`${issuer}/protocol/openid-connect/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'password',
          client_id: CLIENT,
          username: 'guest',
          password: 'guest',
          scope: ['openid', ...scopes].join(' '),
        }),
      });
      if (!response.ok) throw new Error(`no token: ${await response.text()}`);
      return (await response.json()) as Record<'access_token' | 'id_token' | 'refresh_token', string>;
    },
    forge: (claims, signer) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ ...signer?.header, alg: 'RS256', kid: signer?.kid ?? kid, typ: 'JWT' })
        .sign(signer?.key ?? privateKey),
    forgeWithPublicKey: (claims) => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const input = `${part({ alg: 'HS256', kid, typ: 'JWT' })}.${part(claims)}`;
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
    },
    remove: () => administer(base, 'DELETE', `/admin/realms/${name}`),
  };
}

/** The realm as it is shipped, but that a test may log in without a browser. */
async function realmNamed(name: string): Promise<object> {
  const realm = JSON.parse(await readFile(REALM_FILE, 'utf8')) as { id?: string; clients: { clientId: string }[] };
  const clients = realm.clients.map((client) =>
    client.clientId === CLIENT ? { ...client, directAccessGrantsEnabled: true } : client,
  );
  return { ...realm, id: name, realm: name, clients };
}

/** Its priority is below that of the realm's own keys: Keycloak publishes it, and signs with the others. */
const keyComponent = (key: KeyObject): object => ({
  name: 'test-key',
  providerId: 'rsa',
  providerType: 'org.keycloak.keys.KeyProvider',
  config: {
    privateKey: [key.export({ type: 'pkcs8', format: 'pem' })],
    priority: ['-1'],
    enabled: ['true'],
    active: ['true'],
    algorithm: ['RS256'],
  },
});

/** The id under which the realm publishes this key. @throws Error where it does not */
async function publishedKey(issuer: string, key: KeyObject): Promise<string> {
  const response = await fetch(`${issuer}/protocol/openid-connect/certs`);
  const { keys } = (await response.json()) as { keys: { kid: string; n?: string }[] };
  const kid = keys.find(({ n }) => n === key.export({ format: 'jwk' }).n)?.kid;
  if (kid === undefined) throw new Error('the realm does not publish the key');
  return kid;
}

async function administer(base: string, method: string, path: string, body?: object): Promise<void> {
  const login = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}
