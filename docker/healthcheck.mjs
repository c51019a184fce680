// The health check of the images: exits 0 where the service is well, else 1 with the reason. Two forms:
//   node healthcheck.mjs VARIABLE DEFAULT PATH   GET PATH where VARIABLE, else DEFAULT, says that the service listens
//   node healthcheck.mjs connected PORT          this container has an open TCP connection to that port of another one
// Plain JavaScript without dependencies: it is started every few seconds.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';

const TIMEOUT_MS = 4_000;
const ESTABLISHED = '01'; // as /proc/net/tcp writes it

const [what, ...rest] = process.argv.slice(2);
try {
  if (what === 'connected') lookForConnection(Number(rest[0]));
  else await ask(what, rest[0], rest[1]);
} catch (error) {
  console.error(error.message || error.code);
  process.exit(1);
}

async function ask(variable, fallback, path) {
  const [, host, port] = /^(.*):(\d+)$/.exec(process.env[variable] || fallback) ?? [];
  if (port === undefined) throw new Error(`${variable} is no address`);
  // A service that listens on all addresses is asked on the loopback one.
  const reachable = ['', '0.0.0.0', '[::]'].includes(host) ? '127.0.0.1' : host;
  const status = await statusOf(`http://${reachable}:${port}${path}`);
  if (status !== 200) throw new Error(`${path} answers ${status}`);
}

/** Not `fetch`, which refuses ports that browsers do, such as 6000 and 10080. */
function statusOf(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}

/** A worker has no address of its own; without its connection to the broker it does nothing. */
function lookForConnection(port) {
  const remotePort = port.toString(16).toUpperCase().padStart(4, '0');
  const connections = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n').slice(1);
    } catch {
      return []; // a machine without IPv6 has no such file
    }
  });
  const isOpen = (line) => {
    const [, , remote, state] = line.trim().split(/\s+/);
    return state === ESTABLISHED && remote?.endsWith(`:${remotePort}`);
  };
  if (!connections.some(isOpen)) throw new Error(`no connection to port ${port}`);
}
