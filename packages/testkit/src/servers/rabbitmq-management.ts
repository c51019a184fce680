import { freshName } from '../names.ts';
import { waitFor } from '../wait-for.ts';

/** Calls the management API; user and password are those in `managementUrl`. */
async function callManagement(managementUrl: string, method: string, path: string, body?: unknown): Promise<Response> {
  const base = new URL(managementUrl);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`).toString('base64')}`;
  return fetch(new URL(`${base.pathname.replace(/\/$/, '')}/api/${path}`, base.origin), {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
}

/** True when the broker can declare, publish and consume in its default virtual host. */
export async function isAlive(managementUrl: string): Promise<boolean> {
  return (await callManagement(managementUrl, 'GET', 'aliveness-test/%2F')).ok;
}

/** A virtual host: exchanges and queues of one test, apart from those of all others. */
export interface Vhost extends AsyncDisposable {
  readonly name: string;
  /** What AMQP clients connect to. */
  readonly url: string;
  /** Calls the management API below `/api/`. */
  call(method: string, path: string, body?: unknown): Promise<Response>;
  /**
   * Closes every AMQP connection to this virtual host from the broker's side, once at least `count` (1 unless told) are
   * known: the management API hears of new ones up to seconds late. Returns how many there were.
   */
  closeConnections(count?: number): Promise<number>;
  /** Deletes it with all that is in it. Its connections are closed by the broker. */
  remove(): Promise<void>;
}

export interface VhostOptions {
  /** What a queue is whose declaration does not say; the broker's own default unless told. */
  readonly defaultQueueType?: 'quorum';
}

/** A new virtual host of a broker, with all rights for the user whose address was given. */
export async function createVhost(
  broker: { url: string; managementUrl: string },
  { defaultQueueType }: VhostOptions = {},
): Promise<Vhost> {
  const name = freshName('test');
  const { url, managementUrl } = broker;
  const path = encodeURIComponent(name);
  const call: Vhost['call'] = (method, target, body) => callManagement(managementUrl, method, target, body);
  const must = async (method: string, target: string, body?: unknown): Promise<Response> => {
    const response = await call(method, target, body);
    if (!response.ok) throw new Error(`RabbitMQ's management API answered ${response.status} to ${method} ${target}`);
    return response;
  };
  // 3.10 heeds the second name only, later ones the first.
  const type =
    defaultQueueType === undefined ? {} : { default_queue_type: defaultQueueType, defaultqueuetype: defaultQueueType };
  await must('PUT', `vhosts/${path}`, type);
  const user = encodeURIComponent(decodeURIComponent(new URL(url).username));
  await must('PUT', `permissions/${path}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  const remove = async (): Promise<void> => {
    const response = await call('DELETE', `vhosts/${path}`);
    if (!response.ok && response.status !== 404)
      throw new Error(`Virtual host ${name} could not be deleted: ${response.status}`);
  };
  const openConnections = async (): Promise<readonly { name: string }[]> =>
    (await (await must('GET', `vhosts/${path}/connections`)).json()) as { name: string }[];
  const closeConnections = async (count = 1): Promise<number> => {
    const known = async (): Promise<readonly { name: string }[] | undefined> => {
      const connections = await openConnections();
      return connections.length >= count ? connections : undefined;
    };
    const open = await waitFor(known, { intervalMs: 100, message: `${count} connections to ${name} to be known` });
    for (const connection of open) {
      const response = await call('DELETE', `connections/${encodeURIComponent(connection.name)}`);
      await response.body?.cancel();
    }
    return open.length;
  };
  const address = new URL(url);
  address.pathname = `/${path}`;
  return { name, url: address.href, call, closeConnections, remove, [Symbol.asyncDispose]: remove };
}
