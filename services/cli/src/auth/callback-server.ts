import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { CALLBACK_HEADERS, callbackPage } from './callback-page.ts';

/** The browser's return from the issuer. */
export interface Return {
  /** The whole address that it was sent to, with the code or the error. */
  readonly url: URL;
  /** Shows the end of the login in the browser. */
  show(outcome: { readonly ok: boolean; readonly title: string; readonly text: string }): Promise<void>;
}

export interface CallbackServer {
  readonly redirectUri: string;
  /** The first return that carries the expected state. Anything else is answered 400 and waited past. */
  readonly returned: Promise<Return>;
  close(): Promise<void>;
}

const PATH = '/callback';

/**
 * Listens for the browser on loopback only, on both of its addresses: `localhost` may mean either, and a stranger on the
 * other one would be handed the code. Throws a `CliFailure` where the port is taken. Port 0 takes a free one.
 */
export async function openCallbackServer(options: { port: number; state: string }): Promise<CallbackServer> {
  let comeBack: (back: Return) => void = () => {};
  const returned = new Promise<Return>((resolve) => {
    comeBack = resolve;
  });
  let isOver = false;
  const handle = (target: string, method: string, response: ServerResponse): void => {
    const url = URL.canParse(target, redirectUri) ? new URL(target, redirectUri) : undefined;
    if (url?.origin !== new URL(redirectUri).origin || url.pathname !== PATH) {
      return respond(response, 404, 'Nothing here', 'This address only ends a login.');
    }
    if (method !== 'GET') return respond(response, 405, 'Not like this', 'A login ends with a GET.');
    if (isOver || url.searchParams.get('state') !== options.state) {
      const text =
        'This answer does not belong to the login that is waiting, so it was ignored. Start again in the terminal.';
      return respond(response, 400, 'Login not accepted', text);
    }
    isOver = true;
    comeBack({ url, show: (outcome) => showLast(response, outcome) });
  };
  const serve = (): Server =>
    createServer((request, response) => handle(request.url ?? '/', request.method ?? 'GET', response));

  const first = serve();
  await listen(first, options.port, '127.0.0.1');
  const { port } = first.address() as AddressInfo;
  const redirectUri = `http://localhost:${port}${PATH}`;
  const servers = [first];
  const second = serve();
  try {
    if (await listenWhereThere(second, port, '::1')) servers.push(second);
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return { redirectUri, returned, close: () => closeAll(servers) };
}

function respond(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, CALLBACK_HEADERS).end(callbackPage({ title, text }));
}

/** Resolves once the page has gone out, or the browser has. */
function showLast(response: ServerResponse, outcome: { ok: boolean; title: string; text: string }): Promise<void> {
  if (response.closed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
    respond(response, outcome.ok ? 200 : 400, outcome.title, outcome.text);
  });
}

async function listenWhereThere(server: Server, port: number, host: string): Promise<boolean> {
  try {
    await listen(server, port, host);
    return true;
  } catch (error) {
    const { cause } = error as CliFailure;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return false; // no IPv6 on this machine
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const sentence = `Port ${port} can't be listened on (${cause.code}), and the browser must return there: end the program that uses it, or log in with --device.`;
      reject(new CliFailure(EXIT.notLoggedIn, sentence, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}
