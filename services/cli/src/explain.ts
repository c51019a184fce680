import { ApiError, UnexpectedAnswerError, UnreachableError } from '@simple-scheduler/client';
import { CommanderError } from 'commander';
import type { LoginState } from './auth/token-source.ts';
import { deepestMessage } from './deepest-message.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { usageSentence } from './explain-usage.ts';
import { CliFailure, fieldFault, SeveralFailures } from './failures.ts';

/** What a failure means for the user. */
export interface Explanation {
  readonly exitCode: ExitCode;
  readonly sentence: string;
  /** For `--verbose`: what to quote to whoever runs the API, and what lies below. */
  readonly details: readonly string[];
}

export interface Circumstances {
  readonly program: string;
  /** The command as far as it was understood, e.g. `sched list jobs`: its help is pointed to. */
  readonly command: string;
  /** The whole command that was probably meant, where one is not known. */
  readonly meant: string | undefined;
  readonly url: string;
  readonly loginState: LoginState;
  /** The one that gave the token, where the environment did. */
  readonly tokenVariable: string | undefined;
}

/** The one place where failures become sentences and exit codes. One for each of several. */
export function explain(error: unknown, around: Circumstances): Explanation[] {
  if (error instanceof SeveralFailures) return error.failures.flatMap((failure) => explain(failure, around));
  const { exitCode, sentence } = explainOne(error, around);
  return [{ exitCode, sentence, details: below(error) }];
}

type Told = Omit<Explanation, 'details'>;

function explainOne(error: unknown, around: Circumstances): Told {
  if (error instanceof CliFailure) return { exitCode: error.exitCode, sentence: error.message };
  if (error instanceof CommanderError) {
    return { exitCode: EXIT.usage, sentence: usageSentence(error, around) };
  }
  if (error instanceof ApiError) return explainRefusal(error, around);
  if (error instanceof UnreachableError) return explainSilence(error);
  if (error instanceof UnexpectedAnswerError) {
    const sentence = `What answers at ${around.url} is no Simple Scheduler API: check --url, which ends in /api mostly.`;
    return { exitCode: EXIT.unreachable, sentence };
  }
  const message = error instanceof Error ? error.message : String(error);
  const sentence = `Something unexpected went wrong (${message}): try again with --verbose, and report what it says.`;
  return { exitCode: EXIT.refused, sentence };
}

function explainRefusal(error: ApiError, around: Circumstances): Told {
  if (error.status === 401) return { exitCode: EXIT.notLoggedIn, sentence: loginSentence(around, error.message) };
  if (error.problem === undefined && !GATEWAY_REFUSALS.includes(error.status)) {
    return { exitCode: EXIT.unreachable, sentence: strangerSentence(error, around) };
  }
  return { exitCode: EXIT.refused, sentence: refusalSentence(error, around) };
}

/** What a gateway before the API may say in its place, and means the same. */
const GATEWAY_REFUSALS: readonly number[] = [403, 429];

/** The API refuses with a problem document; whatever comes without one is from something else. */
function strangerSentence({ status, retryAfterMs }: ApiError, { url }: Circumstances): string {
  const stranger = `No Simple Scheduler API answers at ${url} (status ${status})`;
  if (status < 500) return `${stranger}: check --url, which ends in /api mostly.`;
  return `${stranger}; if that is a proxy, the API behind it is away: try again in ${waitInWords(retryAfterMs)}, or check --url.`;
}

/** What someone is told who is not logged in, or no longer; `refusal` is what the API said. */
export function loginSentence(
  { program, url, loginState, tokenVariable }: Omit<Circumstances, 'command' | 'meant'>,
  refusal?: string,
): string {
  const why = refusal === undefined ? '' : ` (${unpunctuated(refusal)})`;
  const login = `\`${program} login\``;
  switch (loginState) {
    case 'none':
      return `You are not logged in to ${url}: run ${login}.`;
    case 'ended':
      return `Your login to ${url} has ended: run ${login}.`;
    case 'environment':
      return `The token in ${tokenVariable} was refused${why}: set a new one, or unset it and run ${login}.`;
    case 'stored':
      return `Your login to ${url} was refused${why}: run ${login}.`;
  }
}

function refusalSentence(error: ApiError, { program }: Circumstances): string {
  const missing = error.problem?.missing_scopes ?? [];
  if (error.status === 403 && missing.length > 0) {
    return `You may not do this: it needs ${missing.join(' and ')}, which your login does not have; log in as someone who may, with \`${program} login\`.`;
  }
  if (error.status === 403) return `You may not do this (${unpunctuated(error.message)}): log in as someone who may.`;
  if (error.status === 429) return `The API is being asked too often: try again in ${waitInWords(error.retryAfterMs)}.`;
  if (error.status >= 500)
    return `The API failed (${unpunctuated(error.message)}): try again in ${waitInWords(error.retryAfterMs)}.`;
  return `${faults(error)}.`;
}

/** What the API says, with each faulty field that its text does not tell of already. */
function faults(error: ApiError): string {
  const text = unpunctuated(error.message);
  const fields = error.fieldErrors
    .filter(({ message }) => !text.includes(message))
    .map((field) => unpunctuated(fieldFault(field)));
  return fields.length === 0 ? text : `${text}: ${fields.join('; ')}`;
}

function explainSilence(error: UnreachableError): Told {
  const doubt = error.outcomeUnknown
    ? ' What was asked for may have been done all the same: look before you repeat it.'
    : '';
  return { exitCode: EXIT.unreachable, sentence: `${silenceSentence(error)}${doubt}` };
}

function silenceSentence({ url, code, cause }: UnreachableError): string {
  if (code === 'ECONNREFUSED') return `Nothing answers at ${url}: start the API, or give its address with --url.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The host of ${url} is not known: check --url and the network.`;
  if (code === 'TIMEOUT') return `${url} did not answer in time: try again, or wait longer with --timeout.`;
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return `The certificate of ${url} is not trusted (${code}): name its authority's file in NODE_EXTRA_CA_CERTS.`;
  }
  const why = code === 'UNKNOWN' ? deepestMessage(cause) : code;
  return `The connection to ${url} failed (${why}): check --url and try again.`;
}

function waitInWords(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined ? 'a moment' : `${Math.ceil(retryAfterMs / 1_000)} s`;
}

function unpunctuated(text: string): string {
  return text.replace(/[.\s]+$/, '');
}

/** What `--verbose` adds: request ids and the errors below, down to the first one. */
function below(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApiError) {
      if (at.requestId !== undefined) lines.push(`request id ${at.requestId}`);
      lines.push(`HTTP status ${at.status}`);
    }
    if (at !== error) lines.push(`cause: ${at.name}: ${at.message || ('code' in at ? String(at.code) : 'no message')}`);
    else if (at instanceof UnexpectedAnswerError) lines.push(at.message);
  }
  return lines;
}
