import type { Configuration } from 'openid-client';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import type { Granted } from './browser-flow.ts';
import { asking, REQUESTED_SCOPE } from './issuer.ts';

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
    return oidc.pollDeviceAuthorizationGrant(configuration, started, { code_verifier: verifier });
  });
}
