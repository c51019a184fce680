import type { Configuration } from 'openid-client';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import type { Granted } from './browser-flow.ts';
import { asking, noAnswer, REQUESTED_SCOPE } from './issuer.ts';

/** Polls without a proper answer, after which the issuer counts as out of reach. */
const FAILURES_MAX = 5;

export interface DeviceFlowOptions {
  readonly issuer: string;
  readonly configuration: Configuration;
  /** Tells the user where to go with which code. */
  show(page: { readonly url: string; readonly urlWithCode: string | undefined; readonly code: string }): void;
}

/** Device authorization (RFC 8628): the user confirms on any device. With PKCE, which issuers may demand here too. */
export async function deviceFlow({ issuer, configuration, show }: DeviceFlowOptions): Promise<Granted> {
  if (configuration.serverMetadata().device_authorization_endpoint === undefined) {
    throw new CliFailure(EXIT.notLoggedIn, `The issuer ${issuer} offers no login by device: leave --device out.`);
  }
  const oidc = await import('openid-client');
  const verifier = oidc.randomPKCECodeVerifier();
  const challenge = await oidc.calculatePKCECodeChallenge(verifier);
  return asking(issuer, async () => {
    const started = await oidc.initiateDeviceAuthorization(configuration, {
      scope: REQUESTED_SCOPE,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    show({ url: started.verification_uri, urlWithCode: started.verification_uri_complete, code: started.user_code });
    const signal = AbortSignal.timeout(started.expires_in * 1_000);
    return askingAgain(signal, () =>
      oidc.pollDeviceAuthorizationGrant(configuration, started, { code_verifier: verifier }, { signal }),
    );
  });
}

/**
 * The user may just be confirming the code, so an issuer that gives no proper answer is asked again as long as the code
 * holds. `poll` waits for the issuer's interval before it asks.
 */
async function askingAgain<T>(codeHolds: AbortSignal, poll: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await poll();
    } catch (error) {
      if (failures === FAILURES_MAX || codeHolds.aborted || noAnswer(error) === undefined) throw error;
    }
  }
}
