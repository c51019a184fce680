/** Where a server listens. Without `host`: on all interfaces. */
export interface Address {
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:/[\]]*)):(?<port>\d{1,5})$/;

/** Reads `:8080`, `host:8080` and `[::1]:8080`; null where the text is none of these. */
export function parseAddress(text: string): Address | null {
  const parts = ADDRESS.exec(text)?.groups;
  if (parts === undefined) return null;
  const port = Number(parts['port']);
  if (port > 65_535) return null;
  const host = parts['v6'] ?? parts['host'] ?? '';
  return host === '' ? { port } : { host, port };
}

export function formatAddress({ host = '', port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** True where only this machine can connect. A name other than `localhost` counts as reachable from elsewhere. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** How a client on this machine writes an address that was bound. */
export function httpUrl({ host, port }: Address): string {
  const reachable = host === undefined || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${formatAddress({ host: reachable, port })}`;
}
