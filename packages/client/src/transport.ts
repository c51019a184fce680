import { ApiError, UnexpectedAnswerError, UnreachableError } from './errors.ts';

/**
 * Gives the bearer token for the next request, or nothing to send none. `refused` is the token that the API has just
 * answered 401 to: give another one and the request is made once more, the same one or none and the 401 stands.
 */
export type TokenProvider = (context: { readonly refused?: string }) => Promise<string | undefined>;

export interface TransportOptions {
  /** Address of the API with its path, e.g. `http://localhost:8080/api`. */
  readonly baseUrl: string;
  readonly token?: TokenProvider;
  /** Longest wait for one whole answer. Default 30,000. */
  readonly timeoutMs?: number;
  /** Sent as `User-Agent`; leave it out in a browser. */
  readonly userAgent?: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base address, with a leading slash, already encoded. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Whether a token goes with it. Default true. */
  readonly authenticated?: boolean;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined where there is no body. */
  readonly body: unknown;
}

/** Makes one request. Throws `ApiError`, `UnreachableError`, `UnexpectedAnswerError`, or the caller's abort reason. */
export type Transport = (request: ApiRequest) => Promise<Answer>;

const DEFAULT_TIMEOUT_MS = 30_000;

export function createTransport(options: TransportOptions): Transport {
  const base = normalizeBaseUrl(options.baseUrl);
  return (request) => authorized(request, options, (token) => exchange(base, request, token, options));
}

/** A request whose answer goes on and on. */
export type StreamRequest = Pick<ApiRequest, 'path' | 'query' | 'headers' | 'signal'>;

/** Makes one request and hands out its answer with the first of it. Throws as `Transport` does. */
export type StreamTransport = (request: StreamRequest) => Promise<Response>;

export function createStreamTransport(options: TransportOptions): StreamTransport {
  const base = normalizeBaseUrl(options.baseUrl);
  return async (asked) => {
    const request = { ...asked, method: 'GET' as const, headers: { accept: EVENT_STREAM, ...asked.headers } };
    const { response } = await authorized(request, options, (token) => open(base, request, token, options));
    if (response.headers.get('content-type')?.startsWith(EVENT_STREAM)) return response;
    await response.body?.cancel();
    throw new UnexpectedAnswerError({ url: response.url, detail: 'it is no stream of events' });
  };
}

const EVENT_STREAM = 'text/event-stream';

/** The answer to the one request, or to the second one with a renewed token. */
async function authorized<A extends Answer>(
  request: ApiRequest,
  options: TransportOptions,
  make: (token: string | undefined) => Promise<A>,
): Promise<A> {
  const provider = request.authenticated === false ? undefined : options.token;
  const token = await provider?.({});
  let answer = await make(token);
  if (answer.status === 401 && provider !== undefined && token !== undefined) {
    const renewed = await provider({ refused: token });
    if (renewed !== undefined && renewed !== token) answer = await make(renewed);
  }
  // Redirects are refused rather than followed: the API makes none, and a token must not travel on to elsewhere.
  if (answer.status >= 300) throw new ApiError(answer);
  return answer;
}

/** The address without trailing slash, query and fragment. Throws a `TypeError` where it is no http address. */
export function normalizeBaseUrl(text: string): string {
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('must start with http:// or https://');
  if (url.username !== '' || url.password !== '') throw new TypeError('must not carry a user or password');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

async function exchange(
  base: string,
  request: ApiRequest,
  token: string | undefined,
  options: TransportOptions,
): Promise<Answer> {
  const asked = askedFor(base, request, token, options);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return attempt({ base, request, timeout }, async () => answerTo(asked.url, await fetchIt(asked, request, timeout)));
}

/** As `exchange`, but an answer that is no refusal is left to be read, for as long as it takes. */
async function open(
  base: string,
  request: ApiRequest,
  token: string | undefined,
  options: TransportOptions,
): Promise<Answer & { response: Response }> {
  const asked = askedFor(base, request, token, options);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    return await attempt({ base, request, timeout: abort.signal }, async () => {
      const response = await fetchIt(asked, request, abort.signal);
      if (response.status >= 300) return { ...(await answerTo(asked.url, response)), response };
      return { url: asked.url, status: response.status, headers: response.headers, body: undefined, response };
    });
  } finally {
    clearTimeout(timer);
  }
}

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

function askedFor(base: string, request: ApiRequest, token: string | undefined, options: TransportOptions): Asked {
  const query = request.query?.size ? `?${request.query}` : '';
  return { url: `${base}${request.path}${query}`, init: init(request, token, options) };
}

function fetchIt(asked: Asked, request: ApiRequest, timeout: AbortSignal): Promise<Response> {
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  return fetch(asked.url, { ...asked.init, redirect: 'manual', signal });
}

async function answerTo(url: string, response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { url, status, headers, body: parseBody(url, response, await response.text()) };
}

/** What went wrong on the way, in our words; what was read has its own. */
async function attempt<T>(
  { base, request, timeout }: { base: string; request: ApiRequest; timeout: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnexpectedAnswerError) throw error;
    if (request.signal?.aborted) throw request.signal.reason;
    throw unreachable({ url: base, error, timedOut: timeout.aborted, method: request.method });
  }
}

const TOKEN = /^[\x21-\x7e]+$/;

/** Throws a `TypeError` for what no header can carry. */
function init(request: ApiRequest, token: string | undefined, options: TransportOptions): RequestInit {
  const headers = new Headers({ accept: 'application/json, application/problem+json', ...request.headers });
  if (options.userAgent !== undefined) headers.set('user-agent', options.userAgent);
  // Checked before the Headers do: their error repeats the value.
  if (token !== undefined && !TOKEN.test(token)) throw new TypeError('the token holds characters that no token has');
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (request.body === undefined) return { method: request.method, headers };
  headers.set('content-type', 'application/json');
  return { method: request.method, headers, body: JSON.stringify(request.body) };
}

function parseBody(url: string, response: Response, text: string): unknown {
  if (text === '') return undefined;
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '');
  if (isJson) {
    try {
      return JSON.parse(text);
    } catch {
      // Told below as any other body that is not the API's.
    }
  }
  if (response.status >= 300) return undefined;
  throw new UnexpectedAnswerError({ url, detail: isJson ? 'its body is not valid JSON' : 'its body is not JSON' });
}

/** Connections that were never made; after any other failure the request may have been carried out. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function unreachable(failure: { url: string; error: unknown; timedOut: boolean; method: string }): UnreachableError {
  const code = failure.timedOut ? 'TIMEOUT' : errorCode(failure.error);
  const outcomeUnknown = failure.method !== 'GET' && !NEVER_SENT.has(code);
  return new UnreachableError({ url: failure.url, code, outcomeUnknown, cause: failure.error });
}

/** fetch hides the system's code one or two levels down, in `cause` or in the parts of an AggregateError. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return error.cause === undefined ? 'UNKNOWN' : errorCode(error.cause);
}
