import { type ApiContext, finishDeletions, type Random } from '@simple-scheduler/engine';
import {
  type Address,
  type ApiSettings,
  type AuthSettings,
  createLoop,
  type Readiness,
} from '@simple-scheduler/runtime';
import { type ApiAuth, buildApi } from './app.ts';
import { createOidcAuthenticator } from './auth/oidc.ts';
import { serveApi } from './serve.ts';
import { VERSION } from './version.ts';

export interface StartApiDeps {
  readonly settings: ApiSettings;
  /** Store and bus are not closed by the API. */
  readonly context: ApiContext;
  readonly random: Random;
  readonly readiness: Readiness;
}

export interface RunningApi {
  /** Where it listens, with the port that was free when 0 was asked for. */
  readonly address: Address;
  /** Answers what is in flight, then resolves. Safe twice. */
  stop(): Promise<void>;
}

/** How often clean-up of deleted jobs that was not finished with the request is tried again. */
const CLEAN_UP_INTERVAL_MS = 10_000;

/** The API as a service of this process: listening, and finishing the deletions that a request left behind. */
export async function startApi({ settings, context, random, readiness }: StartApiDeps): Promise<RunningApi> {
  const { store, bus, clock, log } = context;
  readiness.set('database', () => store.ping().then(() => undefined));
  const auth = authOf(settings.auth, readiness);
  if (auth.kind === 'local') log.warn({}, 'AUTH=none: no authentication; everyone on this machine may do everything');
  const app = await buildApi({ context, version: VERSION, readiness, auth });
  const served = await serveApi(app, settings.address);
  const cleanUp = createLoop({
    name: 'cleaning up after deleted jobs',
    intervalMs: CLEAN_UP_INTERVAL_MS,
    // Most of it is on the bus, and without one each deletion would wait for nothing.
    run: async () => void (bus.state() === 'connected' && (await finishDeletions(context))),
    clock,
    random,
    log,
  });
  cleanUp.start();
  return {
    address: served.address,
    stop: async () => {
      await Promise.all([cleanUp.stop(), served.close()]);
    },
  };
}

function authOf(settings: AuthSettings, readiness: Readiness): ApiAuth {
  if (settings.kind === 'none') return { kind: 'local' };
  const authenticator = createOidcAuthenticator(settings);
  readiness.set('issuer', authenticator.check);
  return { kind: 'oidc', issuer: settings.issuer, authenticator };
}
