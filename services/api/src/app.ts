import compress from '@fastify/compress';
import { LIMITS } from '@simple-scheduler/contracts';
import type { ApiContext } from '@simple-scheduler/engine';
import Fastify, { type FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { type Authenticator, bearerGuard, type Guard, guardRoutes } from './auth/access.ts';
import { localOnly } from './auth/local-only.ts';
import { batchingStore } from './batching/batching-store.ts';
import { allowOrigins } from './http/cross-origin.ts';
import { DOCS_PATH } from './http/docs-path.ts';
import { endConnectionsOnClose } from './http/drain.ts';
import { refuseExpectations } from './http/expectation.ts';
import { readJsonOnly } from './http/json-body.ts';
import { limitFailures, limitRate } from './http/rate-limit.ts';
import { requestIdOf } from './http/request-id.ts';
import { pathOf } from './http/request-path.ts';
import { recordRoutes } from './http/route-table.ts';
import { answerHeaders } from './http/security-headers.ts';
import { validateWithZod } from './http/validation.ts';
import { documentRoutes, serveDocument } from './openapi/document.ts';
import { onClientError } from './problem/client-errors.ts';
import { handleErrors, sendProblem } from './problem/error-handling.ts';
import { badRequest } from './problem/refusal.ts';
import { jobChangeRoutes } from './routes/job-changes.ts';
import { jobRoutes } from './routes/jobs.ts';
import { jobTickRoutes } from './routes/job-ticks.ts';
import { type EventRouteDeps, eventRoutes } from './routes/events.ts';
import { runChangeRoutes } from './routes/run-changes.ts';
import { runRoutes } from './routes/runs.ts';
import { serviceRoutes } from './routes/service.ts';

export interface ApiDeps extends EventRouteDeps {
  readonly context: ApiContext;
  readonly auth: ApiAuth;
  readonly limits: ApiLimits;
}

export interface ApiLimits {
  /** Web pages of these origins may use the API. */
  readonly corsOrigins: readonly string[];
  /** Requests of one caller; 0: no limit. */
  readonly requestsPerMinute: number;
}

/** Who may come in; `local`: everyone on this machine, without authentication. */
export type ApiAuth =
  | { readonly kind: 'local' }
  | { readonly kind: 'oidc'; readonly issuer: string; readonly authenticator: Authenticator };

/** Time for a request to arrive, and for its answer to be made. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** How often those two are looked at; the server's own 30 s would let a slow client stay for four times as long. */
const CHECK_INTERVAL_MS = 5_000;
const HANDLER_TIMEOUT_MS = 30_000;
/** Longest silence on a connection: more than the handler may take. */
const CONNECTION_TIMEOUT_MS = 60_000;
/** A name of 200 characters, each percent-encoded; longer ones are told so instead of not being found. */
const PARAM_CHARS_MAX = 8_192;

/** The REST API, not listening yet. Tests `inject` requests; `serveApi` listens. */
export async function buildApi(deps: ApiDeps): Promise<FastifyInstance> {
  const { log } = deps.context;
  const headersOf = await answerHeaders(DOCS_PATH);
  const app = Fastify({
    logger: false,
    genReqId: requestIdOf,
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    // Without a Host a request is refused here, with a body as all errors have it, and not by the server itself.
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      requireHostHeader: false,
    },
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    // Addresses that no route is looked up for: no hook sees these requests either.
    frameworkErrors: (error, request, reply) => sendProblem(log, error, request, reply.headers(headersOf(request))),
    clientErrorHandler: onClientError,
  });
  const routes = recordRoutes(app);
  handleErrors(app, log, routes);
  validateWithZod(app);
  readJsonOnly(app);
  endConnectionsOnClose(app);
  refuseExpectations(app, headersOf);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headersOf(request)).header('x-request-id', request.id);
    const lacksHost = request.headers.host === undefined && request.raw.httpVersion !== '1.0';
    done(lacksHost ? badRequest('Host', 'is missing') : undefined);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const durationMs = Math.round(reply.elapsedTime);
    log.debug(
      { requestId: request.id, method: request.method, url: pathOf(request), status: reply.statusCode, durationMs },
      'request',
    );
    done();
  });
  const { corsOrigins, requestsPerMinute } = deps.limits;
  allowOrigins(app, corsOrigins, routes);
  await app.register(compress, { encodings: ['gzip'], globalDecompression: false });
  await limitRate(app, requestsPerMinute);
  guardRoutes(app, guardOf(app, deps));
  await documentRoutes(app, {
    version: deps.version,
    ...(deps.auth.kind === 'oidc' ? { issuer: deps.auth.issuer } : {}),
  });
  const issuer = deps.auth.kind === 'oidc' ? { issuerState: deps.auth.authenticator.issuerState } : {};
  const context = { ...deps.context, store: batchingStore(deps.context.store) };
  addRoutes(app, { ...deps, context, ...issuer });
  await app.ready();
  return app;
}

function guardOf(app: FastifyInstance, { auth, limits }: ApiDeps): Guard {
  if (auth.kind === 'local') return localOnly;
  const limited = limitFailures(app, limits.requestsPerMinute);
  const guard = bearerGuard(auth.authenticator);
  return (request, access) => limited(request, () => guard(request, access));
}

function addRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  serveDocument(app);
  for (const add of [serviceRoutes, jobRoutes, jobTickRoutes, jobChangeRoutes, runRoutes, runChangeRoutes])
    add(typed, deps);
  eventRoutes(typed, deps);
}
