import { type HttpProcess, startHttpProcess } from './http-process.ts';

export interface BareAnswer {
  readonly body: string;
  /** Beside those that the framework makes. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the framework makes anew for each answer. */
const OF_FRAMEWORK: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
]);

/** Gives each of these answers at its route. */
export function startBareServer(answers: Readonly<Record<string, BareAnswer>>): Promise<HttpProcess> {
  return startHttpProcess(new URL('bare-process.ts', import.meta.url), answers);
}

/** What is answered there, for a bare server to give as well. @throws where that is not a 2xx */
export async function answerOf(url: string, token: string): Promise<BareAnswer> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} was answered by ${response.status}: ${body}`);
  return { body, headers: Object.fromEntries([...response.headers].filter(([name]) => !OF_FRAMEWORK.has(name))) };
}

export function withoutHeaders(answers: Readonly<Record<string, BareAnswer>>): Record<string, BareAnswer> {
  return Object.fromEntries(Object.entries(answers).map(([route, { body }]) => [route, { body, headers: {} }]));
}
