const ENTITY_TAG = '(W/)?"[!#-~]*"';

/** Headers that routes understand and answer with, as the document tells of them. Routes name them in their config. */
type RequestHeader = 'If-Match' | 'If-None-Match' | 'If-None-Match: *' | 'Prefer' | 'Idempotency-Key';
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
};
const RESPONSE_HEADERS = {
  ETag: { description: 'The revision, for `If-Match`.' },
  Link: { description: 'The next page, with `rel="next"`, while there is more.' },
  Location: { description: 'Where the new thing is.' },
  'Preference-Applied': { description: 'The preference that was followed.' },
} as const;

export interface HeaderUse {
  readonly takes?: readonly RequestHeader[];
  /** By status. */
  readonly gives?: Readonly<Record<number, readonly (keyof typeof RESPONSE_HEADERS)[]>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    headers?: HeaderUse;
  }
}

type Json = Record<string, unknown>;

export function withHeaders<T extends { schema: object }>(transformed: T, use: HeaderUse | undefined): T {
  if (use === undefined) return transformed;
  const schema = { ...transformed.schema } as Json & { response?: Record<string, Json> };
  if (use.takes !== undefined)
    schema['headers'] = { type: 'object', properties: described(use.takes, REQUEST_HEADERS) };
  for (const [status, names] of Object.entries(use.gives ?? {})) {
    const response = schema.response?.[status];
    if (response !== undefined) response['headers'] = described(names, RESPONSE_HEADERS);
  }
  return { ...transformed, schema };
}

function described<N extends string>(names: readonly N[], schemas: Readonly<Record<N, object>>): Json {
  return Object.fromEntries(names.map((name) => [name.replace(/:.*/, ''), { type: 'string', ...schemas[name] }]));
}
