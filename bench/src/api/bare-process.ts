// A fastify that does nothing but send what it was given: the most that a route of that size can do on this machine.
import { once } from 'node:events';
import Fastify from 'fastify';
import type { BareAnswer } from './bare-server.ts';

const [answers] = (await once(process, 'message')) as [Readonly<Record<string, BareAnswer>>];
const app = Fastify({ logger: false });
for (const [route, { body, headers }] of Object.entries(answers))
  app.get(route, (_request, reply) => reply.headers(headers).type('application/json; charset=utf-8').send(body));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.(url);
process.on('disconnect', () => process.exit(0));
