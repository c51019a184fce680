import { loginSentence } from '../explain.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import type { View } from '../output/view.ts';
import { readClaims } from '../auth/claims.ts';

/** The caller, as far as the token tells: the API checks it, this program only reads it. */
interface Identity {
  readonly user?: string;
  readonly subject?: string;
  readonly scopes?: readonly string[];
  readonly api: string;
  readonly issuer?: string;
  readonly client?: string;
  readonly login: string;
  /** Absent for a token of the environment. */
  readonly keptIn?: string;
  readonly expiresAt?: string;
}

const identityView: View<Identity> = {
  plural: 'identities',
  name: ({ user, subject }) => user ?? subject ?? '',
  columns: [],
  fieldOrder: ['user', 'subject', 'scopes', 'api', 'issuer', 'client', 'login', 'keptIn', 'expiresAt'],
  durations: {},
};

export async function showIdentity(context: Context): Promise<void> {
  const { url } = context.options;
  const token = await context.tokens.provide({});
  if (token === undefined) {
    const around = { program: context.io.program, url, loginState: context.loginState(), tokenVariable: undefined };
    throw new CliFailure(EXIT.notLoggedIn, loginSentence(around));
  }
  const { user, subject, scopes, issuer, client, expiresAt } = readClaims(token);
  const stored = context.loginState() === 'stored' ? await context.credentials.recall(url) : undefined;
  const login = stored?.flow ?? 'token from the environment';
  const known = {
    user,
    subject,
    scopes,
    issuer: issuer ?? stored?.issuer,
    client: client ?? stored?.clientId,
    keptIn: stored?.keptIn,
    expiresAt,
  };
  const present = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  await context.print.details(identityView, { ...present, api: url, login });
}
