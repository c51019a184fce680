import { runNowSchema, runSchema } from '@simple-scheduler/contracts';
import type { RunRecord } from '@simple-scheduler/core';
import { cancelRun, retryRun, runNow } from '@simple-scheduler/engine';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { requestKeyOf } from '../http/idempotency-key.ts';
import { answer, empty, problems, securedBy } from '../openapi/describe.ts';
import { runView } from '../views/run-view.ts';
import { jobPath, runPath } from './job-inputs.ts';
import type { Api, RouteContext } from './route-context.ts';

const WRITE = { ...securedBy('runs:write'), tags: ['runs'] };
const noBody = z.strictObject({}).nullish();

/** Asking for runs, and for their end. */
export function runChangeRoutes(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'POST',
    url: '/api/jobs/:name/run',
    config: { access: 'runs:write', headers: { takes: ['Idempotency-Key'], gives: { 202: ['Location'] } } },
    schema: {
      ...WRITE,
      operationId: 'runNow',
      summary: 'Run a job now',
      description:
        'Also a disabled one. While another run is active, the new one waits as far as the job allows, else it is `skipped`.',
      params: jobPath,
      body: runNowSchema.nullish(),
      response: { 202: answer('The run.', runSchema), ...problems(400, 401, 403, 404, 413, 415, 422, 503) },
    },
    handler: async (request, reply) => {
      const payload = request.body?.payload;
      const key = requestKeyOf(request, payload);
      const keyed = key === undefined ? {} : { request: key };
      return sendAccepted(reply, await runNow(context, { name: request.params.name, payload, ...keyed }));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/:id/cancel',
    config: { access: 'runs:write' },
    schema: {
      ...WRITE,
      operationId: 'cancelRun',
      summary: 'Cancel a run',
      description: 'Its worker is asked to give it up. Also fine where that has been done before.',
      params: runPath,
      body: noBody,
      response: { 204: empty('Asked for.'), ...problems(400, 401, 403, 404, 413, 415, 422, 503) },
    },
    handler: async (request, reply) => {
      await cancelRun(context, request.params.id);
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'POST',
    url: '/api/runs/:id/retry',
    config: { access: 'runs:write', headers: { takes: ['Idempotency-Key'], gives: { 202: ['Location'] } } },
    schema: {
      ...WRITE,
      operationId: 'retryRun',
      summary: 'Run an ended run again',
      description: 'Makes a new run of the same payload, with `trigger` `retry`; the ended one stays as it is.',
      params: runPath,
      body: noBody,
      response: { 202: answer('The new run.', runSchema), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503) },
    },
    handler: async (request, reply) =>
      sendAccepted(reply, await retryRun(context, request.params.id, requestKeyOf(request, undefined))),
  });
}

function sendAccepted(reply: FastifyReply, run: RunRecord): FastifyReply {
  return reply.code(202).header('location', `/api/runs/${run.id}`).send(runView(run));
}
