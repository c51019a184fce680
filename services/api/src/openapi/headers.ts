const ENTITY_TAG = '(W/)?"[!#-~]*"';

/** Headers that routes understand and answer with, as the document tells of them. Routes name them in their config. */
type RequestHeader = 'If-Match' | 'If-None-Match' | 'If-None-Match: *' | 'Prefer' | 'Idempotency-Key' | 'Last-Event-ID';
const REQUEST_HEADERS: Readonly<Record<RequestHeader, object>> = {
  'If-Match': {
    description: 'Change the job only if it still has this ETag; `*`: only if it exists.',
    anyOf: [{ enum: ['*'] }, { pattern: `^${ENTITY_TAG}( *, *${ENTITY_TAG})*$` }],
  },
  'If-None-Match': {
    description: 'Answer 304 if the job still has this ETag.',
    anyOf: [{ enum: ['*'] }, { pattern: `^${ENTITY_TAG}( *, *${ENTITY_TAG})*$` }],
  },
  'If-None-Match: *': { description: '`*`: only if there is no such job yet.', enum: ['*'] },
  Prefer: { description: '`return=representation` answers 200 and the job.' },
  'Idempotency-Key': {
    description: 'Sent again with the same key, the request answers the run of the first time.',
    pattern: '^[!-~]([ -~]{0,253}[!-~])?$',
  },
  'Last-Event-ID': {
    description:
      'The `id` of the last event that was received: the events after it come first. Others are told to `reset`.',
  },
};
const RESPONSE_HEADERS = {
  ETag: { description: 'The revision, for `If-Match`.' },
  Link: { description: 'The next page, with `rel="next"`, while there is more.' },
  Location: { description: 'Where the new thing is.' },
  'Preference-Applied': { description: 'The preference that was followed.' },
  'X-Request-Id': { description: "The caller's, where it is harmless, else a new one; logs name it." },
  'RateLimit-Limit': { description: 'Requests per minute of one caller; absent: no limit.', type: 'integer' },
  'RateLimit-Remaining': { description: 'What is left of them.', type: 'integer' },
  'RateLimit-Reset': { description: 'Seconds until all are there again.', type: 'integer' },
  'Retry-After': { description: 'Seconds after which to try again.', type: 'integer' },
  'WWW-Authenticate': { description: 'What a token must be like (RFC 6750).' },
} as const;
type ResponseHeader = keyof typeof RESPONSE_HEADERS;

const RATE: readonly ResponseHeader[] = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];
/** Who is kept out has not been counted as a caller. */
const UNCOUNTED = ['401', '403'];
/** What refusals have besides, on each route. */
const OF_REFUSALS: Readonly<Record<string, readonly ResponseHeader[]>> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

export interface HeaderUse {
  readonly takes?: readonly RequestHeader[];
  /** By status. */
  readonly gives?: Readonly<Record<number, readonly ResponseHeader[]>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    headers?: HeaderUse;
  }
}

type Json = Record<string, unknown>;

export function withHeaders<T extends { schema: object }>(transformed: T, use: HeaderUse | undefined): T {
  const schema = { ...transformed.schema } as Json & { response?: Record<string, Json> };
  if (use?.takes !== undefined)
    schema['headers'] = { type: 'object', properties: described(use.takes, REQUEST_HEADERS) };
  for (const [status, response] of Object.entries(schema.response ?? {})) {
    const names = [...(use?.gives?.[Number(status)] ?? []), ...(OF_REFUSALS[status] ?? []), 'X-Request-Id' as const];
    if (!UNCOUNTED.includes(status)) names.push(...RATE);
    response['headers'] = described(names, RESPONSE_HEADERS);
  }
  return { ...transformed, schema };
}

function described<N extends string>(names: readonly N[], schemas: Readonly<Record<N, object>>): Json {
  return Object.fromEntries(names.map((name) => [name.replace(/:.*/, ''), { type: 'string', ...schemas[name] }]));
}
