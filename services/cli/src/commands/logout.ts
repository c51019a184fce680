import { asking, discoverIssuer } from '../auth/issuer.ts';
import type { Login } from '../auth/credentials.ts';
import { tokenVariable } from '../context.ts';
import type { Context } from '../context.ts';

export async function logout(context: Context): Promise<void> {
  const { url } = context.options;
  let discarded: string | undefined;
  const login = await context.credentials.exclusively(async () => {
    discarded = await context.credentials.discardUnusable(url);
    if (discarded !== undefined) return undefined;
    const known = await context.credentials.read(url);
    if (known?.tokens === undefined) return undefined;
    // Issuer and client are no secrets, and save typing at the next login.
    const { issuer, clientId, flow } = known;
    await context.credentials.write(url, { issuer, clientId, flow });
    return known;
  });
  if (discarded !== undefined) {
    context.say(`The logins in ${discarded} could not be used (damaged, or open to others): that file is removed now.`);
    context.say('Warning: what they were good for goes on at the issuer until it runs out.');
  } else if (login === undefined) context.say(`There was no login to ${url}.`);
  else {
    await revoke(context, login);
    context.say(`Logged out of ${url}.`);
  }
  const variable = tokenVariable(context.io.env);
  if (variable !== undefined) context.say(`${variable} is still set, and goes on being used.`);
}

/** Ends the login at the issuer too. What is forgotten here stays forgotten if that fails. */
async function revoke(context: Context, login: Login): Promise<void> {
  const token = login.tokens?.refreshToken ?? login.tokens?.accessToken;
  if (token === undefined) return;
  try {
    const configuration = await discoverIssuer(login);
    if (configuration.serverMetadata().revocation_endpoint === undefined) return;
    const { tokenRevocation } = await import('openid-client');
    await asking(login.issuer, () => tokenRevocation(configuration, token));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.say(`Warning: the login was forgotten here, but goes on at the issuer until it runs out. ${why}`);
  }
}
