import { browserFlow } from '../auth/browser-flow.ts';
import type { Granted } from '../auth/browser-flow.ts';
import { readClaims } from '../auth/claims.ts';
import type { Flow, KnownLogin, Login } from '../auth/credentials.ts';
import { KEYCHAIN_NAME } from '../auth/kept-logins.ts';
import { deviceFlow } from '../auth/device-flow.ts';
import { discoverIssuer, toTokens } from '../auth/issuer.ts';
import { serviceFlow } from '../auth/service-flow.ts';
import { SCOPES } from '@simple-scheduler/contracts';
import type { Context } from '../context.ts';
import { tokenVariable } from '../context.ts';
import { CliFailure, usageFailure } from '../failures.ts';
import { EXIT } from '../exit-codes.ts';
import { secretFrom } from '../io.ts';

export interface LoginOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly device?: true;
  readonly service?: true;
  /** Whether a browser may be opened; false with `--no-browser`. */
  readonly browser: boolean;
}

const DEFAULT_CLIENT = 'simple-scheduler-cli';
/** Registered at the issuer as `http://localhost:5556/callback`. */
const CALLBACK_PORT = 5556;
const PATIENCE_MS = 5 * 60_000;

export async function login(context: Context, options: LoginOptions): Promise<void> {
  const { url } = context.options;
  const client = await chooseClient(context, options);
  await context.credentials.assureUsable(url);
  const granted = await grant(context, client, options.browser);
  const tokens = toTokens(granted, Date.now());
  await context.credentials.exclusively(() => context.credentials.write(url, { ...client, tokens }));
  context.say(`Logged in to ${url} as ${userOf(granted, client)}.`);
  const granting = readClaims(granted.access_token).scopes ?? granted.scope?.split(' ');
  const missing = SCOPES.filter((scope) => granting !== undefined && !granting.includes(scope));
  if (missing.length > 0) context.say(`Not granted to you: ${missing.join(', ')}.`);
  const { keptIn } = (await context.credentials.recall(url)) ?? {};
  context.say(`The login is kept in ${keptIn === KEYCHAIN_NAME ? `the ${KEYCHAIN_NAME}` : keptIn}.`);
  const variable = tokenVariable(context.io.env);
  if (variable !== undefined) context.say(`Warning: ${variable} is set, and is used instead of this login.`);
}

function userOf(granted: Granted, { flow, clientId }: Login): string {
  const { user, subject } = readClaims(granted.access_token);
  const named = granted.claims()?.['preferred_username'] ?? user ?? (flow === 'service' ? clientId : subject);
  return String(named ?? 'someone');
}

/** Flags hold before the environment, and that before what the last login to this API used. */
async function chooseClient(context: Context, options: LoginOptions): Promise<Login> {
  const { env, program } = context.io;
  const flow: Flow = options.service ? 'service' : options.device ? 'device' : 'browser';
  const last = await lastLogin(context);
  const issuer = options.issuer ?? (env['SIMPLE_SCHEDULER_OIDC_ISSUER'] || last?.issuer);
  if (issuer === undefined) {
    throw usageFailure(
      `Say where to log in, once: \`${program} login -i https://id.example.org/realms/simple-scheduler\`.`,
    );
  }
  const lastClient = (last?.flow === 'service') === (flow === 'service') ? last?.clientId : undefined;
  const clientId = options.clientId ?? (env['SIMPLE_SCHEDULER_OIDC_CLIENT_ID'] || lastClient || DEFAULT_CLIENT);
  const clientSecret = options.clientSecret ?? secretFrom(env, 'SIMPLE_SCHEDULER_OIDC_CLIENT_SECRET');
  if (flow === 'service' && clientSecret === undefined) {
    throw usageFailure(
      '--service needs the secret of the client: give -s, or name its file in SIMPLE_SCHEDULER_OIDC_CLIENT_SECRET_FILE.',
    );
  }
  return { issuer, clientId, flow, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

/** Damaged logins do not keep anyone from logging in again. */
async function lastLogin(context: Context): Promise<KnownLogin | undefined> {
  try {
    return await context.credentials.recall(context.options.url);
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.notLoggedIn) return undefined;
    throw error;
  }
}

async function grant(context: Context, client: Login, mayOpen: boolean): Promise<Granted> {
  const configuration = await discoverIssuer(client);
  const { issuer } = client;
  switch (client.flow) {
    case 'service':
      return serviceFlow(issuer, configuration);
    case 'device':
      return deviceFlow({
        issuer,
        configuration,
        show: ({ url, urlWithCode, code }) => {
          const direct = urlWithCode === undefined ? '' : `, or ${urlWithCode}`;
          context.say(`Open ${url} on any device and enter the code ${code}${direct}`);
        },
      });
    case 'browser':
      return browserFlow({
        issuer,
        configuration,
        callbackPort: CALLBACK_PORT,
        patienceMs: PATIENCE_MS,
        welcome: (granted) => `You are logged in to ${context.options.url} as ${userOf(granted, client)}.`,
        visit: async (url) => {
          context.say(`Log in with your browser at ${url}`);
          if (mayOpen) await openBrowser(url);
        },
      });
  }
}

/** The address has been printed: where no browser can be opened, the user does it. */
async function openBrowser(url: string): Promise<void> {
  try {
    const { default: open } = await import('open');
    const child = await open(url);
    child.once('error', () => {});
  } catch {
    // As above.
  }
}
