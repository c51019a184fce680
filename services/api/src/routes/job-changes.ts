import { jobCreateSchema, jobPatchSchema, jobPutSchema, jobSchema } from '@simple-scheduler/contracts';
import type { JobRecord } from '@simple-scheduler/core';
import { createJob, deleteJob, editJob, pauseJob, putJob, resumeJob, withHeartbeat } from '@simple-scheduler/engine';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isMergePatch } from '../http/json-body.ts';
import { etagOf, expectationOf, onlyNew } from '../http/preconditions.ts';
import { returnPreference } from '../http/preference.ts';
import { answer, empty, problems, securedBy } from '../openapi/describe.ts';
import { InvalidInputError } from '../problem/invalid-input-error.ts';
import { jobView } from '../views/job-view.ts';
import { jobPath, jobRules } from './job-inputs.ts';
import type { Api, RouteContext } from './route-context.ts';

const WRITE = { ...securedBy('jobs:write'), tags: ['jobs'] };

/** Making, changing and removing jobs. */
export function jobChangeRoutes(app: Api, routes: RouteContext): void {
  createRoute(app, routes);
  patchRoute(app, routes);
  putRoute(app, routes);
  deleteRoute(app, routes);
  enableRoutes(app, routes);
}

function createRoute(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'POST',
    url: '/api/jobs',
    config: { access: 'jobs:write', bodyRules: jobRules, headers: { gives: { 201: ['Location', 'ETag'] } } },
    schema: {
      ...WRITE,
      operationId: 'createJob',
      summary: 'Add a job',
      body: jobCreateSchema,
      response: { 201: answer('The new job.', jobSchema), ...problems(400, 401, 403, 409, 413, 415, 422, 503) },
    },
    handler: async (request, reply) => sendCreated(reply, await createJob(context, request.body)),
  });
}

function patchRoute(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'PATCH',
    url: '/api/jobs/:name',
    config: {
      access: 'jobs:write',
      bodyRules: jobRules,
      headers: { takes: ['If-Match', 'Prefer'], gives: { 200: ['ETag', 'Preference-Applied'], 204: ['ETag'] } },
    },
    schema: {
      ...WRITE,
      operationId: 'changeJob',
      summary: 'Change a job',
      description:
        'Fields that are given take the place of what was there, `meta` and `payload` as a whole; `null` takes a field away, ' +
        'or back to its default where it has one, and as a `payload` it is one. Sent as `application/merge-patch+json` ' +
        '(RFC 7396), the members of `meta` and `payload` go into those that are there instead, `null` takes a member away, ' +
        'and `payload: null` the payload. A change that changes nothing keeps the revision.',
      consumes: ['application/json', 'application/merge-patch+json'],
      params: jobPath,
      body: jobPatchSchema,
      response: {
        200: answer('The job after the change.', jobSchema),
        204: empty('Changed.'),
        ...problems(400, 401, 403, 404, 412, 413, 415, 422, 503),
      },
    },
    handler: async (request, reply) => {
      const preference = returnPreference(request);
      const options = { expected: expectationOf(request), merge: isMergePatch(request) };
      const job = await editJob(context, request.params.name, request.body, options);
      void reply.header('etag', etagOf(job));
      if (preference !== undefined) void reply.header('preference-applied', `return=${preference}`);
      if (preference !== 'representation') return reply.code(204).send();
      return reply.send(jobView(await withHeartbeat(context, job)));
    },
  });
}

function putRoute(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'PUT',
    url: '/api/jobs/:name',
    config: {
      access: 'jobs:write',
      bodyRules: jobRules,
      headers: { takes: ['If-Match', 'If-None-Match: *'], gives: { 200: ['ETag'], 201: ['Location', 'ETag'] } },
    },
    schema: {
      ...WRITE,
      operationId: 'putJob',
      summary: 'Add or replace a job',
      description:
        'The job becomes what is sent: fields that are absent get their defaults. A job that is like that already is left alone. ' +
        'A `nextRunAt` that the job has passed already is the one that it began with, and makes nothing run again.',
      params: jobPath,
      body: jobPutSchema,
      response: {
        200: answer('The job after the change.', jobSchema),
        201: answer('The new job.', jobSchema),
        ...problems(400, 401, 403, 412, 413, 415, 422, 503),
      },
    },
    handler: async (request, reply) => {
      const { name } = request.params;
      if (request.body.name !== undefined && request.body.name !== name) {
        throw new InvalidInputError('body', [{ path: 'name', message: `must be the name of the address, ${name}` }]);
      }
      const expected = expectationOf(request);
      const options = { onlyNew: onlyNew(request), ...(expected === undefined ? {} : { expected }) };
      const { job, created } = await putJob(context, { ...request.body, name }, options);
      if (created) return sendCreated(reply, job);
      void reply.header('etag', etagOf(job));
      return jobView(await withHeartbeat(context, job));
    },
  });
}

function deleteRoute(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'DELETE',
    url: '/api/jobs/:name',
    config: { access: 'jobs:write', headers: { takes: ['If-Match'] } },
    schema: {
      ...WRITE,
      operationId: 'deleteJob',
      summary: 'Remove a job',
      description: 'Its live runs are cancelled, its exchanges and its queue go; its runs stay to be read.',
      params: jobPath,
      response: { 204: empty('Removed.'), ...problems(400, 401, 403, 404, 412, 503) },
    },
    handler: async (request, reply) => {
      await deleteJob(context, request.params.name, expectationOf(request));
      return reply.code(204).send();
    },
  });
}

function enableRoutes(app: Api, { context }: RouteContext): void {
  const actions = [
    { verb: 'pause', act: pauseJob, summary: 'Disable a job', description: 'Runs that are there go on.' },
    { verb: 'resume', act: resumeJob, summary: 'Enable a job', description: 'Ticks of the pause are not made up for.' },
  ];
  for (const { verb, act, summary, description } of actions) {
    app.route({
      method: 'POST',
      url: `/api/jobs/:name/${verb}`,
      config: { access: 'jobs:write', headers: { takes: ['If-Match'], gives: { 200: ['ETag'] } } },
      schema: {
        ...WRITE,
        operationId: `${verb}Job`,
        summary,
        description,
        params: jobPath,
        body: z.strictObject({}).nullish(),
        response: { 200: answer('The job.', jobSchema), ...problems(400, 401, 403, 404, 412, 413, 415, 422, 503) },
      },
      handler: async (request, reply) => {
        const job = await act(context, request.params.name, expectationOf(request));
        void reply.header('etag', etagOf(job));
        return jobView(await withHeartbeat(context, job));
      },
    });
  }
}

function sendCreated(reply: FastifyReply, job: JobRecord): FastifyReply {
  return reply
    .code(201)
    .headers({ location: `/api/jobs/${encodeURIComponent(job.name)}`, etag: etagOf(job) })
    .send(jobView({ job }));
}
