import { type Address, listenError } from '@simple-scheduler/runtime';
import type { FastifyInstance } from 'fastify';

export interface ServedApi {
  /** Where it listens, with the port that was free when 0 was asked for. */
  readonly address: Address;
  /** Takes no new requests, and resolves when those that are there are answered. */
  close(): Promise<void>;
}

/** Listens. @throws ListenError where the address cannot be had */
export async function serveApi(app: FastifyInstance, address: Address): Promise<ServedApi> {
  try {
    await listen(app, address);
  } catch (error) {
    throw listenError(error, address, 'API_URL');
  }
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return { address: { ...address, port }, close: () => app.close() };
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<void> {
  if (host !== undefined) {
    await app.listen({ host, port });
    return;
  }
  try {
    await app.listen({ host: '::', port });
  } catch (error) {
    // A machine without IPv6 has no such address.
    if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await app.listen({ host: '0.0.0.0', port });
  }
}
