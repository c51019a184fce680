/** Headers that routes understand and answer with, as the document tells of them. Routes name them in their config. */
const REQUEST_HEADERS = {
  'If-Match': 'Change the job only if it still has this ETag; `*`: only if it exists.',
  'If-None-Match': '`*`: only if there is no such job yet.',
  Prefer: '`return=representation` answers 200 and the job.',
  'Idempotency-Key': 'Sent again with the same key, the request answers the run of the first time.',
} as const;
const RESPONSE_HEADERS = {
  ETag: 'The revision, for `If-Match`.',
  Link: 'The next page, with `rel="next"`, while there is more.',
  Location: 'Where the new thing is.',
  'Preference-Applied': 'The preference that was followed.',
} as const;

export interface HeaderUse {
  readonly takes?: readonly (keyof typeof REQUEST_HEADERS)[];
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

function described<N extends string>(names: readonly N[], texts: Readonly<Record<N, string>>): Json {
  return Object.fromEntries(names.map((name) => [name, { type: 'string', description: texts[name] }]));
}
