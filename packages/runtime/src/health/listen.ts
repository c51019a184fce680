import type { Server } from 'node:net';
import { once } from 'node:events';
import type { Address } from '../settings/address.ts';
import { formatAddress } from '../settings/address.ts';
import { PREFIX } from '../settings/variable.ts';

/** Raised when a server cannot listen where its setting says. */
export class ListenError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
  }
}

/**
 * Listens on `address` and answers where it really is (the port, where 0 was asked for). `setting` names the variable,
 * without prefix, that the one who meets the error can change.
 */
export async function listen(server: Server, address: Address, setting: string): Promise<Address> {
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, address, setting);
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return { ...address, port };
}

/** The same error for servers that listen by themselves. */
export function listenError(error: unknown, address: Address, setting: string): ListenError {
  const where = formatAddress(address);
  const variable = `${PREFIX}${setting}`;
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EADDRINUSE: 'is taken by another process',
    EACCES: 'needs rights that this process does not have',
    EADDRNOTAVAIL: 'is not an address of this machine',
    ENOTFOUND: 'is not a known host',
  };
  return new ListenError(
    `Cannot listen on ${where}: it ${why[code ?? ''] ?? `fails (${message})`}. Choose another one with ${variable}.`,
    error,
  );
}
