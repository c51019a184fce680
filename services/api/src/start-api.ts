import type { ApiContext, ChangeFeed } from '@simple-scheduler/engine';
import type { Address, ApiSettings, AuthSettings, Readiness } from '@simple-scheduler/runtime';
import { type ApiAuth, buildApi } from './app.ts';
import { createOidcAuthenticator } from './auth/oidc.ts';
import { serveApi } from './serve.ts';
import { VERSION } from './version.ts';

export interface StartApiDeps {
  readonly settings: ApiSettings;
  /** Store and bus are not closed by the API. */
  readonly context: ApiContext;
  /** What `GET /api/events` is served from; without it, that is answered 503. */
  readonly changes?: ChangeFeed;
  readonly readiness: Readiness;
}

export interface RunningApi {
  /** Where it listens, with the port that was free when 0 was asked for. */
  readonly address: Address;
  /** Answers what is in flight, then resolves. Safe twice. */
  stop(): Promise<void>;
}

/** The API as a service of this process. @throws ListenError where its address cannot be had */
export async function startApi({ settings, context, changes, readiness }: StartApiDeps): Promise<RunningApi> {
  const { store, log } = context;
  readiness.set('database', () => store.ping().then(() => undefined));
  const auth = authOf(settings.auth, readiness);
  if (auth.kind === 'local') log.warn({}, 'AUTH=none: no authentication; everyone on this machine may do everything');
  const feed = changes === undefined ? {} : { changes };
  const app = await buildApi({ context, ...feed, version: VERSION, readiness, auth, limits: settings });
  const served = await serveApi(app, settings.address);
  return { address: served.address, stop: () => served.close() };
}

function authOf(settings: AuthSettings, readiness: Readiness): ApiAuth {
  if (settings.kind === 'none') return { kind: 'local' };
  const authenticator = createOidcAuthenticator(settings);
  readiness.set('issuer', authenticator.check);
  return { kind: 'oidc', issuer: settings.issuer, authenticator };
}
