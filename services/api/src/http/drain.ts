import type { FastifyInstance } from 'fastify';

/**
 * While the API stops, answers to what is in flight end their connections: kept alive, they would hold up the end until
 * their clients let go. Those without a request are closed by the server itself.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) void reply.header('connection', 'close');
  });
}
