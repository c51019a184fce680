import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { openCallbackServer } from './callback-server.ts';
import type { Return } from './callback-server.ts';
import { asking, REQUESTED_SCOPE } from './issuer.ts';

export type Granted = TokenEndpointResponse & TokenEndpointResponseHelpers;

export interface BrowserFlowOptions {
  readonly issuer: string;
  readonly configuration: Configuration;
  /** Where the browser returns to: part of the client's registration at the issuer. */
  readonly callbackPort: number;
  /** How long the user may take in the browser. */
  readonly patienceMs: number;
  /** What the page says at the end of a login that succeeded. */
  welcome(granted: Granted): string;
  /** Tells the user, or a browser, where to go. */
  visit(url: string): Promise<void>;
}

/** Authorization code with PKCE, through the user's browser (RFC 8252). Throws a `CliFailure`. */
export async function browserFlow(options: BrowserFlowOptions): Promise<Granted> {
  const oidc = await import('openid-client');
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const server = await openCallbackServer({ port: options.callbackPort, state });
  try {
    const url = oidc.buildAuthorizationUrl(options.configuration, {
      redirect_uri: server.redirectUri,
      scope: REQUESTED_SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    await options.visit(url.href);
    const back = await within(options.patienceMs, server.returned);
    return await finish(back, options.welcome, () =>
      asking(options.issuer, () =>
        oidc.authorizationCodeGrant(options.configuration, back.url, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        }),
      ),
    );
  } finally {
    await server.close();
  }
}

/** The code is exchanged before the browser hears anything, so that its page can say how it went. */
async function finish(
  back: Return,
  welcome: BrowserFlowOptions['welcome'],
  exchange: () => Promise<Granted>,
): Promise<Granted> {
  try {
    const granted = await exchange();
    await back.show({
      ok: true,
      title: 'You are logged in',
      text: `${welcome(granted)} You can close this page and go on in the terminal.`,
    });
    return granted;
  } catch (error) {
    await back.show({ ok: false, title: 'The login failed', text: (error as Error).message });
    throw error;
  }
}

async function within<T>(patienceMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CliFailure(EXIT.notLoggedIn, 'The browser did not come back in time: start the login again.'));
    }, patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
