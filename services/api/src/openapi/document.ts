import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { DOCS_PATH } from '../http/docs-path.ts';
import { tidyComponents } from './components.ts';
import { withHeaders } from './headers.ts';

/** The interface's own pages, and nothing from elsewhere: scripts, styles and requests stay on this address. */
const DOCS_CSP = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

export interface DocumentOptions {
  readonly version: string;
  /** Named in the description of the security scheme; absent: no authentication. */
  readonly issuer?: string;
}

/** OpenAPI 3.1 of all routes that are added from now on, and the pages to browse it. Both made of the zod schemas. */
export async function documentRoutes(app: FastifyInstance, { version, issuer }: DocumentOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Simple Scheduler',
        version,
        description: 'Jobs, when they are due, and the runs that come of them.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'jobs', description: 'What to run, and when' },
        { name: 'runs', description: 'What became of each tick' },
        { name: 'service', description: 'The service itself' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              issuer === undefined
                ? 'Not needed: this service runs without authentication.'
                : `Access token of ${issuer}, with the scopes that a route names.`,
          },
        },
      },
    },
    transform: (route) => withHeaders(jsonSchemaTransform(route), route.route.config?.headers),
    transformObject: (document) => tidyComponents(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS_PATH,
    staticCSP: DOCS_CSP,
    theme: { title: 'Simple Scheduler API' },
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, displayRequestDuration: true },
  });
}

export function serveDocument(app: FastifyInstance): void {
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  );
}
