import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { PrometheusMeter } from '../metrics/meter.ts';
import { scrubLine } from '../logging/scrub.ts';
import type { Address } from '../settings/address.ts';
import { listen } from './listen.ts';
import type { Readiness } from './readiness.ts';

export interface HealthServerOptions {
  readonly address: Address;
  readonly readiness: Readiness;
  readonly meter: Pick<PrometheusMeter, 'contentType' | 'text'>;
}

export interface HealthServer {
  /** Where it listens, with the port that was free when 0 was asked for. */
  readonly address: Address;
  /** Safe twice. */
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. Rejects with a `ListenError` where the address cannot be had. */
export async function startHealthServer({ address, ...deps }: HealthServerOptions): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void answer(request, response, deps);
  });
  const bound = await listen(server, address, 'HEALTH_URL');
  return { address: bound, close: () => closeServer(server) };
}

type Deps = Omit<HealthServerOptions, 'address'>;

async function answer(request: IncomingMessage, response: ServerResponse, { readiness, meter }: Deps): Promise<void> {
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendJson(response, 405, { status: 'method not allowed' });
      return;
    }
    switch (request.url?.split('?', 1)[0]) {
      case '/healthz':
        // That an answer goes out says what is asked: the process lives and its event loop turns.
        sendJson(response, 200, { status: 'OK' });
        break;
      case '/readyz': {
        const { ready, checks } = await readiness.report();
        sendJson(response, ready ? 200 : 503, { status: ready ? 'OK' : 'unavailable', checks });
        break;
      }
      case '/metrics':
        send(response, 200, meter.contentType, await meter.text());
        break;
      default:
        sendJson(response, 404, { status: 'not found', see: ['/healthz', '/readyz', '/metrics'] });
    }
  } catch (error) {
    sendJson(response, 500, { status: error instanceof Error ? error.message : 'error' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  // Reasons are messages of drivers, which may hold connection strings; and anyone may ask.
  send(response, status, 'application/json; charset=utf-8', `${scrubLine(JSON.stringify(body))}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  // Node leaves the body out itself where the request was HEAD.
  response.end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
