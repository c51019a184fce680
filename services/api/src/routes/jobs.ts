import { jobSchema } from '@simple-scheduler/contracts';
import { getJob, type JobQuery, listJobs } from '@simple-scheduler/engine';
import { z } from 'zod';
import { linkNext, nameCursor } from '../http/paging.ts';
import { etagOf, isKnown } from '../http/preconditions.ts';
import { answer, empty, problems, securedBy } from '../openapi/describe.ts';
import { jobView } from '../views/job-view.ts';
import { jobPath, jobsQuery, labelsOf } from './job-inputs.ts';
import type { Api, RouteContext } from './route-context.ts';

/** Reading jobs. */
export function jobRoutes(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'GET',
    url: '/api/jobs',
    config: { access: 'jobs:read', headers: { gives: { 200: ['Link'] } } },
    schema: {
      ...securedBy('jobs:read'),
      tags: ['jobs'],
      operationId: 'listJobs',
      summary: 'List jobs, by name',
      description: 'Filters go together. `meta.KEY=VALUE` asks for a label, and may be repeated with other keys.',
      querystring: jobsQuery,
      response: { 200: answer('A page of jobs.', z.array(jobSchema)), ...problems(400, 401, 403, 503) },
    },
    handler: async (request, reply) => {
      const { jobs, next } = await listJobs(context, storeQuery(request.query));
      linkNext(request, reply, next && nameCursor.encode(next));
      return jobs.map(jobView);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/jobs/:name',
    config: { access: 'jobs:read', headers: { takes: ['If-None-Match'], gives: { 200: ['ETag'], 304: ['ETag'] } } },
    schema: {
      ...securedBy('jobs:read'),
      tags: ['jobs'],
      operationId: 'getJob',
      summary: 'Read a job',
      description: 'The ETag is the revision: it says whether someone changed the job, not whether a tick has passed.',
      params: jobPath,
      response: {
        200: answer('The job.', jobSchema),
        304: empty('The job is at a revision that `If-None-Match` names.'),
        ...problems(400, 401, 403, 404, 503),
      },
    },
    handler: async (request, reply) => {
      const seen = await getJob(context, request.params.name);
      void reply.header('etag', etagOf(seen.job));
      return isKnown(request, seen.job) ? reply.code(304).send() : reply.send(jobView(seen));
    },
  });
}

function storeQuery(query: z.output<typeof jobsQuery>): JobQuery {
  const { limit, cursor, name, enabled } = query;
  const labels = labelsOf(query);
  return {
    limit,
    ...(cursor === undefined ? {} : { after: nameCursor.decode(cursor) }),
    ...(name === undefined ? {} : name.endsWith('*') ? { namePrefix: name.slice(0, -1) } : { name }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(labels === undefined ? {} : { meta: labels }),
  };
}
