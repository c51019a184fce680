// The typed client is written by hand; here it is held against the document that the API serves, request by request.
import { type Client, createClient } from '@simple-scheduler/client';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ApiUnderTest, openApi } from '../test/api-under-test.ts';
import { serveApi } from './index.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: object;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
  readonly status: number;
}

let api: ApiUnderTest;
let client: Client;
let sent: Sent[];
let base: string;

beforeEach(async () => {
  api = await openApi();
  const { address } = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${address.port}`;
  client = createClient({ baseUrl: `${base}/api` });
  sent = [];
  const { fetch } = globalThis;
  // Goes through; what is sent and answered is noted.
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init = {}) => {
    const response = await fetch(input, init);
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    const url = new URL(String(input));
    sent.push({ method: init.method ?? 'GET', url, headers: new Headers(init.headers), body, status: response.status });
    return response;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await api.close();
});

/** Uses everything that the client can do, with every option. */
async function useAll({ status, jobs, runs, events }: Client): Promise<void> {
  await status();
  // The first event says that the stream is open; leaving the loop closes it.
  for await (const { type } of events({ jobName: 'a', after: '1' })) if (type === 'ready') break;
  await jobs.create({ name: 'a', interval: 60_000, meta: { team: 'x' }, allowConcurrentRuns: true });
  await jobs.put('b', { cron: '0 8 * * *', timezone: 'Europe/Berlin' });
  const { etag = '' } = await jobs.getTagged('a');
  await jobs.update('a', { description: 'changed' }, { ifMatch: etag });
  await jobs.put('b', { interval: 1_000 }, { ifMatch: '*' });
  const { next: cursor } = await jobs.list({ limit: 1 });
  if (cursor === undefined) throw new Error('there is a second page');
  await jobs.list({ name: '*', enabled: true, meta: { team: 'x' }, limit: 5, cursor });
  await jobs.pause('a');
  await jobs.resume('a');
  await jobs.next('a', { count: 3 });
  await jobs.ticks('a', { from: '2026-03-01T08:00:00Z', to: '2026-03-01T09:00:00Z', limit: 5 });
  const { id } = await jobs.run('a', { payload: { to: 'me' }, idempotencyKey: 'k' });
  await jobs.run('a');
  await runs.get(id);
  const page = await runs.list({ limit: 1 });
  const moment = '2026-03-01T08:00:00+01:00';
  const times = { createdAfter: moment, createdBefore: moment, startedBefore: moment, heartbeatBefore: moment };
  await runs.list({ jobName: 'a', status: ['pending', 'failed'], ...times, limit: 5, cursor: page.next ?? '' });
  await runs.cancel(id);
  const { rev = 0 } = (await api.store.getRun(id)) ?? {};
  await api.store.updateRuns([
    { id, rev, change: { set: { status: 'cancelled', endedAt: api.now }, unset: ['slot'] } },
  ]);
  await runs.retry(id, { idempotencyKey: 'k' });
  await jobs.delete('b', { ifMatch: '*' });
}

it('the typed client sends what the document says, and uses all of it', async () => {
  const document = (await (await fetch(`${base}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
    components: object;
  };
  sent.length = 0;
  await useAll(client);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const problems = sent.flatMap((request) => {
    const found = operations.find(
      ({ path, method }) => method === request.method && patternOf(path).test(request.url.pathname),
    );
    return found === undefined
      ? [`${request.method} ${request.url.pathname} is not in it`]
      : problemsOf(request, found.operation, document.components);
  });
  expect(problems).toEqual([]);
  const used = operations.filter(({ path, method }) =>
    sent.some((request) => request.method === method && patternOf(path).test(request.url.pathname)),
  );
  expect(used.map(({ operation }) => operation.operationId)).toEqual(
    operations.map(({ operation }) => operation.operationId),
  );
});

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);

/** What every client of HTTP sends. */
const PLAIN_HEADERS = ['accept', 'content-type', 'user-agent'];

function problemsOf(request: Sent, { operationId, ...operation }: Operation, components: object): string[] {
  const problem = (what: string): string => `${operationId}: ${what}`;
  const check = (where: string, value: unknown, schema: object): string[] => {
    const ajv = new Ajv2020({ strict: false, coerceTypes: true, validateFormats: false });
    return ajv.validate({ ...schema, components }, value) ? [] : [problem(`${where} ${ajv.errorsText()}`)];
  };
  const parameter = (kind: Parameter['in'], name: string, value: string): string[] => {
    const known = operation.parameters?.find((one) => one.in === kind && one.name.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return check(`${kind} ${name}`, { value }, { properties: { value: known.schema } });
    // Names of labels are the caller's; the description tells of them.
    return name.startsWith('meta.') ? [] : [problem(`${kind} ${name} is not in it`)];
  };
  const content = operation.requestBody?.content['application/json'];
  return [
    ...[...request.url.searchParams].flatMap(([name, value]) => parameter('query', name, value)),
    ...[...request.headers.keys()]
      .filter((name) => !PLAIN_HEADERS.includes(name))
      .flatMap((name) => parameter('header', name, request.headers.get(name) ?? '')),
    ...(request.body === undefined ? [] : content === undefined ? [problem('takes no body')] : []),
    ...(request.body === undefined || content === undefined ? [] : check('body', request.body, content.schema)),
    ...(String(request.status) in operation.responses ? [] : [problem(`answered ${request.status}`)]),
  ];
}
