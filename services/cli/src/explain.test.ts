import { ApiError, UnexpectedAnswerError, UnreachableError } from '@simple-scheduler/client';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { explain } from './explain.ts';
import { CliFailure, SeveralFailures } from './failures.ts';

const around = {
  program: 'sched',
  command: 'sched add job',
  meant: 'sched list jobs',
  url: 'http://localhost:8080/api',
  loginState: 'stored',
  tokenVariable: 'SIMPLE_SCHEDULER_TOKEN',
} as const;

function refused(status: number, problem?: object, headers: Record<string, string> = {}): ApiError {
  const body = problem && {
    type: 'about:blank',
    title: 'x',
    status,
    detail: 'no.',
    error: 'no.',
    code: 'invalid',
    requestId: 'req-7',
    ...problem,
  };
  return new ApiError({ status, headers: new Headers(headers), body });
}

const silent = (code: string, outcomeUnknown = false): UnreachableError =>
  new UnreachableError({ url: around.url, code, outcomeUnknown, cause: new Error('below') });

describe('each failure is a sentence and an exit code', () => {
  test.each<[string, unknown, number, string]>([
    ['its own', new CliFailure(3, 'Log in.'), 3, 'Log in.'],
    [
      'usage',
      new CommanderError(1, 'commander.unknownCommand', "error: unknown command 'lst'\n(Did you mean list?)"),
      2,
      "Unknown command 'lst': did you mean `sched list jobs`? See `sched add job --help`.",
    ],
    ['401', refused(401, {}), 3, 'Your login to http://localhost:8080/api was refused (no): run `sched login`.'],
    [
      '401 of a proxy',
      refused(401),
      3,
      'Your login to http://localhost:8080/api was refused (the server answered 401): run `sched login`.',
    ],
    [
      '403',
      refused(403, { missing_scopes: ['jobs:write'] }),
      1,
      'You may not do this: it needs jobs:write, which your login does not have; log in as someone who may, with `sched login`.',
    ],
    ['403 without scopes', refused(403, {}), 1, 'You may not do this (no): log in as someone who may.'],
    [
      '422',
      refused(422, {
        detail: 'the job is not valid',
        errors: [
          { path: 'interval', message: 'must be at least 1 ms' },
          { path: '', message: 'is odd.' },
        ],
      }),
      1,
      'the job is not valid: interval must be at least 1 ms; is odd.',
    ],
    [
      '422 that names its field',
      refused(422, {
        detail: 'interval must be at least 1 ms',
        errors: [{ path: 'interval', message: 'must be at least 1 ms' }],
      }),
      1,
      'interval must be at least 1 ms.',
    ],
    [
      '422 whose messages name their fields',
      refused(422, { errors: [{ path: 'cron', message: 'cron expression has 3 fields' }] }),
      1,
      'no: cron expression has 3 fields.',
    ],
    ['429', refused(429, {}, { 'retry-after': '7' }), 1, 'The API is being asked too often: try again in 7 s.'],
    [
      '503',
      refused(503, { detail: 'the database is away' }),
      1,
      'The API failed (the database is away): try again in a moment.',
    ],
    ...[400, 404, 406, 409, 422].map((status): [string, unknown, number, string] => [
      `${status} of something else`,
      refused(status),
      4,
      `No Simple Scheduler API answers at http://localhost:8080/api (status ${status}): check --url, which ends in /api mostly.`,
    ]),
    ['403 of a gateway', refused(403), 1, 'You may not do this (the server answered 403): log in as someone who may.'],
    ['429 of a gateway', refused(429), 1, 'The API is being asked too often: try again in a moment.'],
    [
      '502 of a proxy',
      refused(502),
      4,
      'No Simple Scheduler API answers at http://localhost:8080/api (status 502); if that is a proxy, the API behind it is away: try again in a moment, or check --url.',
    ],
    [
      'nobody',
      silent('ECONNREFUSED'),
      4,
      'Nothing answers at http://localhost:8080/api: start the API, or give its address with --url.',
    ],
    [
      'no name',
      silent('ENOTFOUND'),
      4,
      'The host of http://localhost:8080/api is not known: check --url and the network.',
    ],
    [
      'a certificate',
      silent('DEPTH_ZERO_SELF_SIGNED_CERT'),
      4,
      "The certificate of http://localhost:8080/api is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT): name its authority's file in NODE_EXTRA_CA_CERTS.",
    ],
    [
      'silence in the middle of a write',
      silent('TIMEOUT', true),
      4,
      'http://localhost:8080/api did not answer in time: try again, or wait longer with --timeout. What was asked for may have been done all the same: look before you repeat it.',
    ],
    [
      'anything else',
      silent('UNKNOWN'),
      4,
      'The connection to http://localhost:8080/api failed (below): check --url and try again.',
    ],
    [
      'a stranger',
      new UnexpectedAnswerError({ url: 'x', detail: 'd' }),
      4,
      'What answers at http://localhost:8080/api is no Simple Scheduler API: check --url, which ends in /api mostly.',
    ],
    [
      'a bug',
      new TypeError('boom'),
      1,
      'Something unexpected went wrong (boom): try again with --verbose, and report what it says.',
    ],
    [
      'what is no error',
      'boom',
      1,
      'Something unexpected went wrong (boom): try again with --verbose, and report what it says.',
    ],
  ])('%s', (_title, error, exitCode, sentence) => {
    expect(explain(error, around)).toMatchObject([{ exitCode, sentence }]);
  });
});

test.each([
  ['none', 'You are not logged in to http://localhost:8080/api: run `sched login`.'],
  ['ended', 'Your login to http://localhost:8080/api has ended: run `sched login`.'],
  [
    'environment',
    'The token in SIMPLE_SCHEDULER_TOKEN was refused (no): set a new one, or unset it and run `sched login`.',
  ],
] as const)('a 401 with login state %s', (loginState, sentence) => {
  expect(explain(refused(401, {}), { ...around, loginState })).toMatchObject([{ exitCode: 3, sentence }]);
});

test('details hold the request id and the causes, and no stack', () => {
  const wrapped = new CliFailure(1, 'There is no such job.', { cause: refused(404, {}) });
  const [first] = explain(wrapped, around);
  expect(first?.details).toEqual(['request id req-7', 'HTTP status 404', 'cause: ApiError: no.']);
  const deep = new TypeError('fetch failed', { cause: new Error('', { cause: new Error('bottom') }) });
  expect(explain(deep, around)[0]?.details).toEqual(['cause: Error: no message', 'cause: Error: bottom']);
});

test('several failures are told one by one', () => {
  const failures = explain(new SeveralFailures([new CliFailure(1, 'A.'), silent('ECONNREFUSED')]), around);
  expect(failures.map(({ exitCode }) => exitCode)).toEqual([1, 4]);
});
