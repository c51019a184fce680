/** What a token says about its bearer. Read for display only, and not verified: that is the API's part. */
export interface Claims {
  readonly user?: string | undefined;
  readonly subject?: string | undefined;
  readonly issuer?: string | undefined;
  readonly client?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly expiresAt?: string | undefined;
}

/** Nothing for a token that is no JWT. */
export function readClaims(token: string): Claims {
  const payload = parsePayload(token);
  const text = (name: string): string | undefined => (typeof payload[name] === 'string' ? payload[name] : undefined);
  const { scope, exp } = payload;
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;
  return {
    user: text('preferred_username') ?? text('email'),
    subject: text('sub'),
    issuer: text('iss'),
    client: text('azp') ?? text('client_id'),
    scopes: Array.isArray(scopes) ? scopes.map(String).toSorted() : undefined,
    expiresAt: typeof exp === 'number' && Math.abs(exp) < 1e12 ? new Date(exp * 1_000).toISOString() : undefined,
  };
}

function parsePayload(token: string): Record<string, unknown> {
  try {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const payload: unknown = JSON.parse(text);
    return payload !== null && typeof payload === 'object' ? (payload as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
