import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyRequest } from 'fastify';

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

/** Headers that every answer has, whatever it is: by the address of its request. */
export type AnswerHeaders = (request: Pick<FastifyRequest, 'url'>) => Readonly<Record<string, string>>;

/**
 * Tells caches to keep nothing, and browsers what not to do with an answer. Helmet says which headers those are, once:
 * they are the same on each answer, and made anew for each they cost more than finding the route. `pages` is where the
 * pages for people are.
 */
export async function answerHeaders(pages: string): Promise<AnswerHeaders> {
  const uncached = { 'cache-control': 'no-store' };
  const ofPages = { ...uncached, ...(await helmetHeaders(OF_ALL)) };
  const ofData = { ...uncached, ...(await helmetHeaders(OF_DATA)) };
  return (request) => (request.url.startsWith(pages) ? ofPages : ofData);
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
