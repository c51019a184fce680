import { statusSchema } from '@simple-scheduler/contracts';
import { scrubLine } from '@simple-scheduler/runtime';
import { answer, problems, securedBy } from '../openapi/describe.ts';
import { instant } from '../views/instant.ts';
import type { Api, RouteContext } from './route-context.ts';

/** Whether the service lives, and whether it can do its work. Anyone may ask. */
export function serviceRoutes(app: Api, { context, version, readiness, issuerState }: RouteContext): void {
  app.route({
    method: 'GET',
    url: '/api/status',
    config: { access: 'public' },
    schema: {
      ...securedBy('public'),
      tags: ['service'],
      operationId: 'getStatus',
      summary: 'Is the API there, and which one',
      response: { 200: answer('It is.', statusSchema), ...problems() },
    },
    handler: async () => ({ status: 'OK' as const, version, time: instant(context.clock.now()) }),
  });

  app.route({
    method: 'GET',
    url: '/healthz',
    config: { access: 'public' },
    schema: { hide: true },
    handler: async () => ({ status: 'OK' }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      const { ready, checks } = await readiness.report();
      // Reasons are messages of drivers, which may hold connection strings; and anyone may ask.
      // The bus is shown but does not count: without it, everything but the instant pick-up of changes goes on.
      const bus = context.bus.state();
      // An issuer that was there and went away does not count either: its keys are known.
      const issuer = await issuerState?.();
      const body = scrubLine(JSON.stringify({ status: ready ? 'OK' : 'unavailable', checks, bus, issuer }));
      return reply
        .code(ready ? 200 : 503)
        .type('application/json; charset=utf-8')
        .send(body);
    },
  });
}
