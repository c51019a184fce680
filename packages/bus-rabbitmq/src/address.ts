import { unescape } from 'node:querystring';

/** Where the broker is, with and without what must not be shown. */
export interface Address {
  /** With user, password and heartbeat: for the connection only. */
  readonly url: string;
  /** As they are, without escapes; amqplib would take those of characters beyond ASCII for several characters each. */
  readonly user: string;
  readonly password: string;
  /** `host:port/vhost`: for logs and errors. */
  readonly shown: string;
}

/**
 * @throws TypeError that never repeats what was given: it may hold a password.
 */
export function parseAddress(given: string, heartbeatSeconds: number): Address {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== 'amqp:' && url.protocol !== 'amqps:') || url.hostname === '') {
    throw new TypeError('The address of RabbitMQ must look like amqp://user:password@host:5672/vhost, or amqps://…');
  }
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(heartbeatSeconds));
  const isAnonymous = url.username === '' && url.password === '';
  const [user, password] = isAnonymous ? ['guest', 'guest'] : [unescape(url.username), unescape(url.password)];
  const port = url.port === '' ? (url.protocol === 'amqps:' ? '5671' : '5672') : url.port;
  return { url: url.href, user, password, shown: `${url.hostname}:${port}${url.pathname === '' ? '/' : url.pathname}` };
}
