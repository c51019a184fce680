// A fastify that does nothing but send what it was given: the most that a route of that size can do on this machine.
import { once } from 'node:events';
import Fastify from 'fastify';

const [bodies] = (await once(process, 'message')) as [Readonly<Record<string, string>>];
const app = Fastify({ logger: false });
for (const [route, body] of Object.entries(bodies))
  app.get(route, (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.(url);
process.on('disconnect', () => process.exit(0));
