import { SCOPES } from '@simple-scheduler/contracts';
import type { Configuration } from 'openid-client';
import type { Granted } from './browser-flow.ts';
import { asking } from './issuer.ts';

/** Client credentials: a program logs in as itself. There is no refresh token; the secret gets the next token too. */
export async function serviceFlow(issuer: string, configuration: Configuration): Promise<Granted> {
  const { clientCredentialsGrant } = await import('openid-client');
  return asking(issuer, () => clientCredentialsGrant(configuration, { scope: SCOPES.join(' ') }));
}
