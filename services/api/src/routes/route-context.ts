import type { ApiContext } from '@simple-scheduler/engine';
import type { ReadinessReport } from '@simple-scheduler/runtime';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

/** The app as routes see it: inputs are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes work with. */
export interface RouteContext {
  readonly context: ApiContext;
  readonly version: string;
  readonly readiness: { report(): Promise<ReadinessReport> };
  /** Absent without authentication. */
  readonly issuerState?: () => Promise<'reachable' | 'away'>;
}
