import { Readable } from 'node:stream';
import { eventSchema, eventsQuerySchema } from '@simple-scheduler/contracts';
import { type ChangeFeed, NoChangeFeedError } from '@simple-scheduler/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Identity } from '../auth/access.ts';
import { ALL_KINDS, eventStream, type StreamDeps } from '../events/event-stream.ts';
import { EventHub } from '../events/hub.ts';
import { EVENT_LIMITS, type EventLimits } from '../events/limits.ts';
import { Seats } from '../events/seats.ts';
import { Turns } from '../events/turns.ts';
import { callerOf } from '../http/rate-limit.ts';
import { problems, securedBy } from '../openapi/describe.ts';
import { RefusedError } from '../problem/refusal.ts';
import type { Api, RouteContext } from './route-context.ts';

export interface EventRouteDeps extends RouteContext {
  /** Absent: the store that this API works on tells of no changes. */
  readonly changes?: ChangeFeed;
  readonly events?: Partial<EventLimits>;
}

/** A stream ends by its own limits, long before this. */
const NO_HANDLER_TIMEOUT_MS = 2 ** 31 - 1;
const DESCRIPTION = `\
Server-sent events, in the order of the changes, whoever made them. First \`ready\`, which says which \`kinds\` the token is
told of: runs, and jobs where it has the scope \`jobs:read\` too. Then \`run.changed\` and \`job.changed\` with the run or the job
as \`GET\` shows it, and \`run.deleted\` (\`{"id"}\`) and \`job.deleted\` (\`{"name"}\`). Several changes of a record may be one event,
and an event may come twice: the last one of a record counts. \`reset\`: events were lost; read anew what you show. A stream
ends when the token runs out, after an hour at the latest: come back with \`Last-Event-ID\`.`;

/** What happens to jobs and runs, as it happens. */
export function eventRoutes(app: Api, deps: EventRouteDeps): void {
  const limits = { ...EVENT_LIMITS, ...deps.events };
  const seats = new Seats(limits);
  const streams = deps.changes && streamDeps(app, deps, deps.changes, limits);
  app.route({
    method: 'GET',
    url: '/api/events',
    // There is nothing to say of a stream but the stream.
    exposeHeadRoute: false,
    handlerTimeout: NO_HANDLER_TIMEOUT_MS,
    config: { access: 'runs:read', headers: { takes: ['Last-Event-ID'] } },
    schema: {
      ...securedBy('runs:read'),
      tags: ['runs'],
      operationId: 'followEvents',
      summary: 'Follow what happens to jobs and runs',
      description: DESCRIPTION,
      querystring: eventsQuerySchema.strict(),
      response: {
        200: { description: 'A stream of events.', content: { 'text/event-stream': { schema: eventSchema } } },
        ...problems(400, 401, 403, 503),
      },
    },
    handler: async (request, reply) => {
      if (streams === undefined) throw noFeed('this API works on a store that tells of no changes');
      const gone = new AbortController();
      const ends: (() => void)[] = [seats.take(callerOf(request))];
      const end = (): void => {
        gone.abort();
        for (const one of ends.splice(0)) one();
      };
      reply.raw.once('close', end);
      try {
        ends.push(await listen(streams.hub));
      } catch (error) {
        end();
        throw error;
      }
      // A timer of our own: it must ring, whoever forgets a signal that nobody listens to.
      const timer = setTimeout(() => gone.abort(), lifetimeMs(limits, request.identity));
      ends.push(() => clearTimeout(timer));
      // Gone while we waited: then nobody calls `end` any more.
      if (gone.signal.aborted) end();
      return send(streams, request, reply, { end: () => gone.abort(), gone: gone.signal });
    },
  });
}

/** Tokens are checked by the machine's clock, and so are they here. */
function lifetimeMs(limits: EventLimits, identity: Identity | undefined): number {
  const left = (identity?.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
  return Math.max(0, Math.min(limits.lifetimeMs, left));
}

function streamDeps(app: Api, { context }: RouteContext, changes: ChangeFeed, limits: EventLimits): StreamDeps {
  const hub = new EventHub({ context, changes, limits });
  // Streams never end by themselves, so the server cannot wait for them.
  app.addHook('preClose', () => hub.stop());
  return { context, changes, limits, hub, replays: new Turns(limits.replays) };
}

async function listen(hub: EventHub): Promise<() => void> {
  try {
    return await hub.listen();
  } catch (error) {
    throw error instanceof NoChangeFeedError ? noFeed(error.message) : error;
  }
}

function send(
  streams: StreamDeps,
  request: FastifyRequest<{ Querystring: z.output<typeof eventsQuerySchema> }>,
  reply: FastifyReply,
  { end, gone }: { readonly end: () => void; readonly gone: AbortSignal },
): FastifyReply {
  const { identity } = request;
  const signal = AbortSignal.any([gone, streams.hub.stopping]);
  signal.addEventListener('abort', () => farewell(reply, streams.limits.farewellMs), { once: true });
  const given = request.headers['last-event-id'];
  const text = eventStream(
    streams,
    {
      after: given === undefined || given === '' ? undefined : String(given),
      kinds: identity === undefined || identity.scopes.has('jobs:read') ? ALL_KINDS : ['run'],
      jobName: request.query.jobName,
      end,
    },
    signal,
  );
  const failed = (error: unknown): void => streams.context.log.warn({ error }, 'an event stream broke off');
  const stream = Readable.from(quietly(text, signal, failed), { objectMode: false });
  // The connection has served its purpose when the stream ends; kept alive, it would hold up the end of the server.
  return reply
    .headers({ 'content-type': 'text/event-stream', connection: 'close', 'x-accel-buffering': 'no' })
    .send(stream);
}

/** A client that does not take what it was sent would hold up the end of its stream, and of the server. */
function farewell({ raw }: FastifyReply, withinMs: number): void {
  if (raw.closed) return;
  const timer = setTimeout(() => raw.destroy(), withinMs);
  raw.once('close', () => clearTimeout(timer));
}

/** Ends where the other one fails: the client comes back, and hears why it cannot be served. */
async function* quietly(
  text: AsyncGenerator<string, void>,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): AsyncGenerator<string, void> {
  try {
    yield* text;
  } catch (error) {
    if (!signal.aborted) failed(error);
  }
}

function noFeed(detail: string): RefusedError {
  return new RefusedError({ status: 503, code: 'unavailable', detail });
}
