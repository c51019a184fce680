import { createClient } from '@simple-scheduler/client';
import type { Client } from '@simple-scheduler/client';
import { credentialFile } from './auth/credential-file.ts';
import type { CredentialStore, Keeping } from './auth/credentials.ts';
import { keptLogins } from './auth/kept-logins.ts';
import { systemKeychain } from './auth/keychain.ts';
import { createTokenSource } from './auth/token-source.ts';
import type { LoginState, TokenSource } from './auth/token-source.ts';
import { configFolder } from './config-folder.ts';
import type { Contexts } from './contexts.ts';
import { usageFailure } from './failures.ts';
import { mayColor, secretFrom, widthOf, writeResult } from './io.ts';
import type { Io } from './io.ts';
import { printable } from './output/printable.ts';
import { createPrinter } from './output/printer.ts';
import type { OutputFormat, Printer } from './output/printer.ts';
import { wrapped } from './output/wrapped.ts';
import { readVersion } from './version.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly url: string;
  readonly output: OutputFormat;
  readonly color: boolean;
  readonly timeout: number;
  readonly verbose?: true;
}

/** What a command acts with. */
export interface Context {
  readonly io: Io;
  readonly options: GlobalOptions;
  readonly client: Client;
  readonly credentials: CredentialStore;
  readonly contexts: Contexts;
  readonly tokens: TokenSource;
  readonly print: Printer;
  /** One that writes elsewhere, as wide as the terminal is now and with the times as they are now. */
  printerTo(write: (text: string) => Promise<void>): Printer;
  /** A message for the user, on stderr: results go through `print`. */
  say(sentence: string): void;
  /** A message for people only, left out where a program reads the result. */
  hint(sentence: string): void;
  /** Whether the caller is logged in, as far as the requests made have told. */
  loginState(): LoginState;
}

const TOKEN_VARIABLE = 'SIMPLE_SCHEDULER_TOKEN';

/** The variable that gives the token, by itself or through a file; undefined where none does. */
export function tokenVariable(env: Io['env']): string | undefined {
  return [TOKEN_VARIABLE, `${TOKEN_VARIABLE}_FILE`].find((name) => env[name]);
}

/** Which API is meant, strongest first: `--url`, `--context`, their variables, the current context, the default. */
export function chosenUrl(contexts: Contexts, given: GivenApi): string {
  if (given.urlFrom === 'cli') return given.url;
  if (given.context !== undefined && given.contextFrom === 'cli') return contexts.urlOf(given.context);
  if (given.urlFrom === 'env') return given.url;
  if (given.context !== undefined) return contexts.urlOf(given.context);
  return contexts.currentUrl() ?? given.url;
}

/** What the command line and the environment say about the API; `From` tells which of them did. */
export interface GivenApi {
  readonly url: string;
  readonly urlFrom: string | undefined;
  readonly context: string | undefined;
  readonly contextFrom: string | undefined;
}

export function openContext(io: Io, options: GlobalOptions, contexts: Contexts): Context {
  const say = (sentence: string): void => void io.stderr.write(`${wrapped(printable(sentence), widthOf(io.stderr))}\n`);
  const credentials = keptLogins({
    file: credentialFile(configFolder(io.env)),
    keychain: systemKeychain(say),
    wanted: wantedKeeping(io.env),
  });
  const fromEnvironment = tokenFrom(io.env);
  const tokens = createTokenSource({ apiUrl: options.url, store: credentials, fromEnvironment, now: Date.now });
  const printerTo = (write: (text: string) => Promise<void>): Printer =>
    createPrinter({
      format: options.output,
      colors: mayColor(io.stdout, io.env, options.color),
      width: widthOf(io.stdout) ?? Number.POSITIVE_INFINITY,
      nowMs: Date.now(),
      write,
    });
  const forPeople = options.output === 'table' || options.output === 'wide';
  return {
    io,
    options,
    client: createClient({
      baseUrl: options.url,
      token: tokens.provide,
      timeoutMs: options.timeout,
      userAgent: `simple-scheduler-cli/${readVersion()}`,
    }),
    credentials,
    contexts,
    tokens,
    print: printerTo((text) => writeResult(io, text)),
    printerTo,
    say,
    hint: (sentence) => {
      if (forPeople) say(sentence);
    },
    loginState: tokens.state,
  };
}

const KEEPING_VARIABLE = 'SIMPLE_SCHEDULER_CREDENTIALS';

/** Where logins are to be kept; the system keychain if there is one, unless the environment says otherwise. */
function wantedKeeping(env: Io['env']): Keeping | undefined {
  const wanted = env[KEEPING_VARIABLE];
  if (!wanted) return undefined;
  if (wanted === 'file' || wanted === 'keychain') return wanted;
  throw usageFailure(`${KEEPING_VARIABLE} is "${wanted}": set it to file or keychain, or to nothing.`);
}

/** What can't be a token is refused here: further on it would turn up in messages about headers. */
function tokenFrom(env: Io['env']): string | undefined {
  const token = secretFrom(env, TOKEN_VARIABLE);
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw usageFailure(`${tokenVariable(env)} holds characters that no token has: copy the token again.`);
}
