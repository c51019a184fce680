import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * While the API stops, answers to what is in flight end their connections: kept alive, they would hold up the end until
 * their clients let go. Those without a request are closed by the server itself, but for those that never had one, which
 * it takes for requests to come: clients open them in advance.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    closing = true;
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}
