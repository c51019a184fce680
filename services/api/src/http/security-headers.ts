import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance } from 'fastify';

const OF_ALL = {
  // Whether this name is to be reached by https only is for whoever ends TLS to say.
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
} satisfies FastifyHelmetOptions;

/** What is said to windows and to plug-ins says nothing about JSON, and each header costs both ends of a connection. */
const OF_DATA = {
  ...OF_ALL,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} satisfies FastifyHelmetOptions;

/**
 * Headers that tell browsers what not to do with an answer. Helmet says which, once: they are the same on each answer, and
 * made anew for each they cost more than finding the route. `pages` is where the pages for people are.
 */
export async function addSecurityHeaders(app: FastifyInstance, pages: string): Promise<void> {
  const [ofPages, ofData] = [await helmetHeaders(OF_ALL), await helmetHeaders(OF_DATA)];
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(request.url.startsWith(pages) ? ofPages : ofData);
    done();
  });
}

async function helmetHeaders(options: FastifyHelmetOptions): Promise<Record<string, string>> {
  const probe = Fastify();
  await probe.register(helmet, options);
  let headers: Record<string, string> = {};
  probe.get('/', (_request, reply) => {
    headers = { ...(reply.raw.getHeaders() as Record<string, string>) };
    return reply.send();
  });
  await probe.inject('/');
  await probe.close();
  return headers;
}
