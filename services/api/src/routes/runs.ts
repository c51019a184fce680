import { runSchema, runsQuerySchema } from '@simple-scheduler/contracts';
import { getRun, listRuns, type RunQuery } from '@simple-scheduler/engine';
import { z } from 'zod';
import { idCursor, linkNext } from '../http/paging.ts';
import { answer, problems, securedBy } from '../openapi/describe.ts';
import { runView } from '../views/run-view.ts';
import { runPath } from './job-inputs.ts';
import type { Api, RouteContext } from './route-context.ts';

const READ = { ...securedBy('runs:read'), tags: ['runs'] };

/** Reading runs. */
export function runRoutes(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'GET',
    url: '/api/runs',
    config: { access: 'runs:read', headers: { gives: { 200: ['Link'] } } },
    schema: {
      ...READ,
      operationId: 'listRuns',
      summary: 'List runs, newest first',
      description: 'Filters go together. `status` may be repeated, or name several with commas.',
      querystring: runsQuerySchema.strict(),
      response: { 200: answer('A page of runs.', z.array(runSchema)), ...problems(400, 401, 403, 503) },
    },
    handler: async (request, reply) => {
      const { runs, next } = await listRuns(context, storeQuery(request.query));
      linkNext(request, reply, next && idCursor.encode(next));
      return runs.map(runView);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/runs/:id',
    config: { access: 'runs:read' },
    schema: {
      ...READ,
      operationId: 'getRun',
      summary: 'Read a run',
      params: runPath,
      response: { 200: answer('The run.', runSchema), ...problems(400, 401, 403, 404, 503) },
    },
    handler: async (request) => runView(await getRun(context, request.params.id)),
  });
}

function storeQuery(query: z.output<typeof runsQuerySchema>): RunQuery {
  const { limit, cursor, jobName, status } = query;
  return {
    limit,
    ...(cursor === undefined ? {} : { after: idCursor.decode(cursor) }),
    ...(jobName === undefined ? {} : { jobName }),
    ...(status === undefined ? {} : { statuses: [...new Set(status)] }),
    ...time('createdAfter', query.createdAfter),
    ...time('createdBefore', query.createdBefore),
    ...time('startedBefore', query.startedBefore),
    ...time('heartbeatBefore', query.heartbeatBefore),
  };
}

function time<N extends string>(name: N, text: string | undefined): { [K in N]?: number } {
  return (text === undefined ? {} : { [name]: Date.parse(text) }) as { [K in N]?: number };
}
