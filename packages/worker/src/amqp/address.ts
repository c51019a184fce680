import { unescape } from 'node:querystring';

/** Where the broker is, with and without what must not be shown. */
export interface Address {
  /** With user, password and heartbeat. */
  readonly url: string;
  /** As they are, without escapes; amqplib would take those of characters beyond ASCII for several characters each. */
  readonly user: string;
  readonly password: string;
  /** `host:port/vhost`: for logs. */
  readonly shown: string;
}

/** Seconds of silence after which both sides look for each other; twice that ends a connection. */
const HEARTBEAT_SECONDS = '10';

/** @throws TypeError that does not repeat what was given: it may hold a password. */
export function parseAddress(given: string): Address {
  const url = URL.parse(given);
  const isAmqp = url !== null && ['amqp:', 'amqps:'].includes(url.protocol) && url.hostname !== '';
  if (!isAmqp) throw new TypeError('url must look like amqp://user:password@host:5672/vhost, or amqps://…');
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', HEARTBEAT_SECONDS);
  const isAnonymous = url.username === '' && url.password === '';
  const [user, password] = isAnonymous ? ['guest', 'guest'] : [unescape(url.username), unescape(url.password)];
  const port = url.port || (url.protocol === 'amqps:' ? '5671' : '5672');
  return { url: url.href, user, password, shown: `${url.hostname}:${port}${url.pathname || '/'}` };
}
