import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless `text` is given. */
  readonly body?: unknown;
  readonly text?: string;
}

export type Answering = (seen: Seen, response: ServerResponse) => Reply | undefined | void;

/** An HTTP server of loopback that answers as told and remembers what it was asked. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

export async function scriptedServer(answering: Answering): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = await read(request);
    seen.push(asked);
    const reply = answering(asked, response);
    if (reply) write(response, reply);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
}

function write(response: ServerResponse, reply: Reply): void {
  const status = reply.status ?? 200;
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  const text = reply.text ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
  const headers = { ...(text === undefined ? {} : { 'content-type': type }), ...reply.headers };
  response.writeHead(status, headers).end(text);
}
