import { nextTicksQuerySchema, nextTicksSchema, tickSchema, ticksQuerySchema } from '@simple-scheduler/contracts';
import { nextTicks, type TickPosition, tickLedger } from '@simple-scheduler/engine';
import { z } from 'zod';
import { linkNext, textCursor } from '../http/paging.ts';
import { answer, problems, securedBy } from '../openapi/describe.ts';
import { InvalidInputError } from '../problem/invalid-input-error.ts';
import { instant } from '../views/instant.ts';
import { tickView } from '../views/tick-view.ts';
import { EVEN_WHEN_INVALID, jobPath } from './job-inputs.ts';
import type { Api, RouteContext } from './route-context.ts';

const DAY_MS = 24 * 3_600_000;
/** Who reads the ledger learns of the job's schedule and of its runs. */
const LEDGER = ['jobs:read', 'runs:read'] as const;

/** Bounds that are both given are compared whatever else is wrong. */
const ticksQuery = ticksQuerySchema.strict().superRefine(({ from, to }, ctx) => {
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) {
    ctx.addIssue({ code: 'custom', path: ['to'], message: NOT_BEFORE_FROM, input: to });
  }
}, EVEN_WHEN_INVALID);
const NOT_BEFORE_FROM = 'must not lie before from';

/** When jobs are due: the ticks to come, and what became of those that were. */
export function jobTickRoutes(app: Api, { context }: RouteContext): void {
  app.route({
    method: 'GET',
    url: '/api/jobs/:name/next',
    config: { access: 'jobs:read' },
    schema: {
      ...securedBy('jobs:read'),
      tags: ['jobs'],
      operationId: 'nextTicks',
      summary: 'When a job is due next',
      description: 'Also for a job that is disabled: when it would be due if it were not.',
      params: jobPath,
      querystring: nextTicksQuerySchema.strict(),
      response: {
        200: answer('The next ticks, soonest first.', nextTicksSchema),
        ...problems(400, 401, 403, 404, 503),
      },
    },
    handler: async (request) => {
      const ticks = await nextTicks(context, request.params.name, request.query.count);
      return ticks.map(instant);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/jobs/:name/ticks',
    config: { access: LEDGER, headers: { gives: { 200: ['Link'] } } },
    schema: {
      ...securedBy(LEDGER),
      tags: ['jobs'],
      operationId: 'listTicks',
      summary: "What became of a job's ticks",
      description:
        'Oldest first: each tick in the window that has a record, each that is still to come (`due`), and each that the ' +
        'present schedule owed and that has none (`missing`).',
      params: jobPath,
      querystring: ticksQuery,
      response: {
        200: answer('A page of ticks.', z.array(tickSchema)),
        ...problems(400, 401, 403, 404, 503),
      },
    },
    handler: async (request, reply) => {
      const { limit, cursor, from, to } = request.query;
      const place = cursor === undefined ? undefined : placeOf(cursor);
      const window = windowOf({ from, to }, place ?? { now: context.clock.now() });
      const after = place === undefined ? {} : { after: place.after };
      const { entries, next } = await tickLedger(context, request.params.name, { ...window, limit, ...after });
      // The cursor holds the window: it stays what it was, however long a walk takes.
      linkNext(request, reply, next && placeCursor.encode([next.at, next.id, window.from, window.to].join(' ')));
      return entries.map(tickView);
    },
  });
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** What the query says, else what the first page had, else the last 24 hours. */
function windowOf(query: { [K in keyof Window]: string | undefined }, known: Window | { now: number }): Window {
  const told = query.from === undefined ? undefined : Date.parse(query.from);
  const usualTo = 'now' in known ? (told !== undefined && told > known.now ? told + DAY_MS : known.now) : known.to;
  const to = query.to === undefined ? usualTo : Date.parse(query.to);
  const usualFrom = 'now' in known ? Math.max(0, to - DAY_MS) : known.from;
  const from = told ?? usualFrom;
  if (from > to) throw new InvalidInputError('querystring', [{ path: 'to', message: NOT_BEFORE_FROM }]);
  return { from, to };
}

const PLACE = /^(\d{1,15}) ([0-9a-f]{24})? (\d{1,15}) (\d{1,15})$/;
const placeCursor = textCursor(PLACE);

function placeOf(cursor: string): Window & { after: TickPosition } {
  const [, at, id = '', from, to] = PLACE.exec(placeCursor.decode(cursor)) ?? [];
  return { after: { at: Number(at), id }, from: Number(from), to: Number(to) };
}
