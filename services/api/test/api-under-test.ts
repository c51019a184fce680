import { createMemoryBroker } from '@simple-scheduler/bus-memory';
import type { ApiContext, Log, MessageBus, Store } from '@simple-scheduler/engine';
import { createReadiness, createSystemIds, type Readiness } from '@simple-scheduler/runtime';
import { openSqliteStore } from '@simple-scheduler/store-sqlite';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { type ApiAuth, buildApi, systemPatience } from '../src/index.ts';

export const T0: number = Date.parse('2026-03-01T08:00:00.000Z');

export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly bus: MessageBus;
  readonly broker: ReturnType<typeof createMemoryBroker>;
  readonly context: ApiContext;
  readonly readiness: Readiness;
  /** The time of the API; set it to move the clock. */
  now: number;
  /** Lines that were logged, as `level message`. */
  readonly logged: string[];
  send(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** The API on a real store and a real bus of this process, with a clock that stands still until a test moves it. */
export async function openApi(
  options: { auth?: ApiAuth; store?: (store: Store) => Store } = {},
): Promise<ApiUnderTest> {
  const opened = await openSqliteStore({ path: ':memory:' });
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
    patience: systemPatience,
  };
  const app = await buildApi({ context, version: '1.2.3', readiness, auth: options.auth ?? { kind: 'local' } });
  return Object.assign(api, {
    app,
    store,
    bus,
    broker,
    context,
    readiness,
    logged,
    send: (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) =>
      app.inject({
        method: method as NonNullable<InjectOptions['method']>,
        url,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await app.close();
      await bus.close();
      await opened.close();
    },
  });
}
