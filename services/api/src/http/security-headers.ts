import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';

const POLICY: FastifyHelmetOptions = {
  // Whether this name is to be reached by https only is for whoever ends TLS to say.
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
};

/**
 * Headers that tell browsers what not to do with an answer. Helmet says which, once: they are the same on each answer, and
 * made anew for each they cost more than finding the route.
 */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  const headers = await helmetHeaders();
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

async function helmetHeaders(): Promise<Record<string, string>> {
  const probe = Fastify();
  await probe.register(helmet, POLICY);
  let headers: Record<string, string> = {};
  probe.get('/', (_request, reply) => {
    headers = { ...(reply.raw.getHeaders() as Record<string, string>) };
    return reply.send();
  });
  await probe.inject('/');
  await probe.close();
  return headers;
}
