import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';

interface Operation {
  readonly summary?: string;
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { schema: object }>>;
  };
  readonly responses: Readonly<
    Record<string, { description: string; headers?: object; content?: Readonly<Record<string, { schema: object }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let api: ApiUnderTest;
let document: Document;
let operations: [string, Operation][];

beforeAll(async () => {
  api = await openApi();
  document = (await api.send('GET', '/api/openapi.json')).json<Document>();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
});
afterAll(() => api.close());

/** Says what is wrong with a value by one of the document's schemas; null: nothing. */
function problemWith(value: unknown, schema: object): string | null {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
  const validate = ajv.compile({ ...schema, components: document.components });
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 with every route of the contract', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(operations.map(([name]) => name).sort()).toEqual([
      'delete /api/jobs/{name}',
      'get /api/events',
      'get /api/jobs',
      'get /api/jobs/{name}',
      'get /api/jobs/{name}/next',
      'get /api/jobs/{name}/ticks',
      'get /api/runs',
      'get /api/runs/{id}',
      'get /api/status',
      'patch /api/jobs/{name}',
      'post /api/jobs',
      'post /api/jobs/{name}/pause',
      'post /api/jobs/{name}/resume',
      'post /api/jobs/{name}/run',
      'post /api/runs/{id}/cancel',
      'post /api/runs/{id}/retry',
      'put /api/jobs/{name}',
    ]);
  });

  it('tells of each what it does, who may, and how it can fail', () => {
    const ids = new Set<string>();
    for (const [name, operation] of operations) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\S/)]);
      expect([name, operation.tags?.length]).toEqual([name, 1]);
      ids.add(operation.operationId ?? '');
      const statuses = Object.keys(operation.responses);
      if (name === 'get /api/status') {
        expect(operation.security).toEqual([]);
        continue;
      }
      const scopes = name.endsWith('/ticks')
        ? ['jobs:read', 'runs:read']
        : [expect.stringMatching(/^(jobs|runs):(read|write)$/)];
      expect(operation.security).toEqual([{ bearer: scopes }]);
      expect(statuses).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
      if (name.includes('{')) expect(statuses.includes('404')).toBe(!name.startsWith('put'));
      if (operation.requestBody) expect(statuses).toEqual(expect.arrayContaining(['413', '415', '422']));
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description).toMatch(/\S/);
        if (Number(status) >= 400) expect(Object.keys(response.content ?? {})).toEqual(['application/problem+json']);
      }
    }
    expect(ids.size).toBe(operations.length);
  });

  it('tells of the headers of every answer', () => {
    for (const [name, { responses }] of operations) {
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        const expected = ['X-Request-Id'];
        if (['401', '403'].includes(status)) expected.push('WWW-Authenticate');
        else expected.push('RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset');
        if (['401', '403'].includes(status)) expect(headers).not.toHaveProperty('RateLimit-Limit');
        if (['429', '503'].includes(status)) expected.push('Retry-After');
        expect([name, status, Object.keys(headers)]).toEqual([name, status, expect.arrayContaining(expected)]);
      }
    }
  });

  it('tells of each bound that is kept, and of the parameters for labels', () => {
    for (const name of ['JobCreate', 'JobReplacement', 'JobPatch', 'Job']) {
      const { properties } = document.components.schemas[name] as { properties: Record<string, object> };
      const text = (field: string): string => JSON.stringify(properties[field]);
      expect([name, text('cron'), text('meta'), text('timezone')]).toEqual([
        name,
        expect.stringContaining('"maxLength":256'),
        expect.stringContaining('"maxProperties":64'),
        expect.stringContaining('"maxLength":64'),
      ]);
    }
    const list = operations.find(([name]) => name === 'get /api/jobs')?.[1];
    expect(list?.parameters?.find(({ name }) => name === 'meta')).toMatchObject({
      in: 'query',
      schema: { type: 'object', propertyNames: { pattern: '^meta\\.' }, additionalProperties: { type: 'string' } },
    });
  });

  it('says which bodies may be left out', () => {
    const required = operations.flatMap(([name, { requestBody }]) =>
      requestBody ? [[name, requestBody.required]] : [],
    );
    expect(Object.fromEntries(required)).toEqual({
      'post /api/jobs': true,
      'patch /api/jobs/{name}': true,
      'put /api/jobs/{name}': true,
      'post /api/jobs/{name}/pause': false,
      'post /api/jobs/{name}/resume': false,
      'post /api/jobs/{name}/run': false,
      'post /api/runs/{id}/cancel': false,
      'post /api/runs/{id}/retry': false,
    });
  });

  it('refers only to what is in it, and holds nothing that is not referred to', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
    expect(referred).toEqual(new Set(Object.keys(document.components.schemas)));
    expect(text).not.toContain('PLACEHOLDER');
  });

  it('describes what is really answered', async () => {
    const requests: readonly (readonly [string, string, string, object?])[] = [
      ['get /api/status', 'GET', '/api/status'],
      ['post /api/jobs', 'POST', '/api/jobs', { name: 'a', interval: 60_000, payload: [1], meta: { a: 'b' } }],
      ['post /api/jobs', 'POST', '/api/jobs', { name: 'a' }],
      ['post /api/jobs', 'POST', '/api/jobs', { name: '!' }],
      ['get /api/jobs', 'GET', '/api/jobs'],
      ['get /api/jobs', 'GET', '/api/jobs?limit=0'],
      ['get /api/jobs/{name}', 'GET', '/api/jobs/a'],
      ['get /api/jobs/{name}', 'GET', '/api/jobs/none'],
      ['get /api/jobs/{name}/next', 'GET', '/api/jobs/a/next'],
      ['get /api/jobs/{name}/ticks', 'GET', '/api/jobs/a/ticks?to=2026-03-01T09:00:00Z'],
      ['put /api/jobs/{name}', 'PUT', '/api/jobs/b', { cron: '* * * * *' }],
      ['post /api/jobs/{name}/pause', 'POST', '/api/jobs/a/pause'],
      ['post /api/jobs/{name}/run', 'POST', '/api/jobs/a/run'],
      ['post /api/jobs/{name}/run', 'POST', '/api/jobs/a/run'],
      ['get /api/runs', 'GET', '/api/runs'],
    ];
    for (const [name, method, url, body] of requests) {
      const response = await api.send(method, url, body);
      const operation = operations.find(([one]) => one === name)?.[1];
      const content = operation?.responses[String(response.statusCode)]?.content ?? {};
      const schema = content[String(response.headers['content-type']).split(';')[0] ?? '']?.schema;
      expect([name, response.statusCode, schema !== undefined]).toEqual([name, response.statusCode, true]);
      expect([name, response.statusCode, problemWith(response.json(), schema ?? {})]).toEqual([
        name,
        response.statusCode,
        null,
      ]);
    }
  });

  it('gives examples that are accepted', async () => {
    const schemas = document.components.schemas as Record<
      string,
      { examples?: object[]; additionalProperties?: unknown }
    >;
    const send = [
      ['JobCreate', 'POST', '/api/jobs', 201],
      ['JobReplacement', 'PUT', '/api/jobs/example', 201],
      ['JobPatch', 'PATCH', '/api/jobs/example', 204],
    ] as const;
    for (const [name, method, url, status] of send) {
      expect(schemas[name]?.additionalProperties).toBe(false);
      const example = schemas[name]?.examples?.[0];
      expect(example).toBeDefined();
      expect((await api.send(method, url, example)).statusCode).toBe(status);
    }
  });

  it('can be read in a browser without asking anyone else', async () => {
    const json = (await api.send('GET', '/api/docs/json')).json<Document>();
    expect(json.openapi).toBe(document.openapi);
    const initializer = (await api.send('GET', '/api/docs/static/swagger-initializer.js')).body;
    expect(initializer).toContain('validatorUrl: null');
  });
});
