import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import { problemSchema } from '@simple-scheduler/contracts';
import type { ApiContext, ChangeFeed, ChangeSource, Log, MessageBus, Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, type Readiness, systemPatience } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { EventLimits } from '../src/events/limits.ts';
import { type ApiAuth, type ApiLimits, buildApi } from '../src/index.ts';

export const T0: number = Date.parse('2026-03-01T08:00:00.000Z');

/** Waits for a bus that is away are shorter here by this factor: nothing comes of them. */
const HURRY = 20;

export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly bus: MessageBus;
  readonly broker: ReturnType<typeof createMemoryBroker>;
  readonly context: ApiContext;
  readonly readiness: Readiness;
  /** The time of the API; set it to move the clock. */
  now: number;
  /** Bodies of what lies in a queue of the bus, oldest first; it stays there. */
  queued(queue: string): Record<string, unknown>[];
  /** Lines that were logged, as `level message`. */
  readonly logged: string[];
  send(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** The API on a real store and a real bus of this process, with a clock that stands still until a test moves it. */
export async function openApi(
  options: {
    auth?: ApiAuth;
    limits?: Partial<ApiLimits>;
    /** Instead of SQLite in memory; closed with the rest. */
    opened?: Store & ChangeSource;
    store?: (store: Store) => Store;
    changes?: (changes: ChangeFeed) => ChangeFeed;
    events?: Partial<EventLimits>;
  } = {},
): Promise<ApiUnderTest> {
  const opened = options.opened ?? (await openSqliteStore({ path: ':memory:' }));
  await opened.migrate();
  const store = options.store?.(opened) ?? opened;
  const broker = createMemoryBroker();
  const bus = broker.bus();
  await bus.connect();
  const logged: string[] = [];
  const line = (level: string) => (_fields: object, message: string) => void logged.push(`${level} ${message}`);
  const log: Log = { debug: () => {}, info: line('info'), warn: line('warn'), error: line('error') };
  const readiness = createReadiness();
  const api = { now: T0 };
  const context: ApiContext = {
    store,
    bus,
    clock: { now: () => api.now },
    ids: createSystemIds(),
    log,
    meter: { count: () => {}, gauge: () => {}, observe: () => {} },
    patience: {
      within: (work, timeoutMs) =>
        systemPatience.within(work, bus.state() === 'connected' ? timeoutMs : timeoutMs / HURRY),
    },
  };
  const app = await buildApi({
    context,
    changes: options.changes?.(opened.changes) ?? opened.changes,
    ...(options.events === undefined ? {} : { events: options.events }),
    version: '1.2.3',
    readiness,
    auth: options.auth ?? { kind: 'local' },
    limits: { corsOrigins: [], requestsPerMinute: 0, ...options.limits },
  });
  return Object.assign(api, {
    app,
    store,
    bus,
    broker,
    context,
    readiness,
    logged,
    queued: (queue: string) =>
      broker.exchanges
        .declareQueue(queue)
        .peek()
        .map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>),
    send: async (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      if (response.statusCode >= 400) checkProblem(response, method);
      return response;
    },
    close: async () => {
      await app.close();
      // What still waits for the bus ends at once then.
      broker.resume();
      await bus.close();
      await opened.close();
    },
  });
}

/** Every error of every test has the contract's form. @throws where it has not */
function checkProblem(response: LightMyRequestResponse, method: string): void {
  const type = response.headers['content-type'];
  if (type !== 'application/problem+json; charset=utf-8') throw new Error(`an error came as ${type}: ${response.body}`);
  if (method === 'HEAD') return;
  const problem = problemSchema.strict().parse(response.json());
  if (problem.status !== response.statusCode) throw new Error(`status ${response.statusCode} says ${problem.status}`);
  if (problem.error !== problem.detail || problem.detail === '')
    throw new Error(`error and detail differ: ${response.body}`);
  if (problem.requestId !== response.headers['x-request-id']) throw new Error(`request ids differ: ${response.body}`);
}
