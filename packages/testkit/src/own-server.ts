import { removeFolder } from './guard.ts';
import type { Server, ServerKind, ServerSource } from './server.ts';
import type { ServerProcess } from './server-process.ts';

/** What the processes and the containers of one server have in common. */
export interface ServerLife {
  readonly pid: number | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
  remove(): Promise<void>;
}

/** Gives a started server the shape that tests see. */
export function serverOf<K extends ServerKind, Extra extends object>(
  identity: { kind: K; source: ServerSource; version: string; url: string } & Extra,
  life: ServerLife,
): Server & { readonly kind: K } & Readonly<Extra> {
  const server = {
    ...identity,
    start: () => life.start(),
    stop: () => life.stop(),
    kill: () => life.kill(),
    restart: async () => {
      await life.stop();
      await life.start();
    },
    pause: () => life.pause(),
    unpause: () => life.unpause(),
    remove: () => life.remove(),
    [Symbol.asyncDispose]: () => life.remove(),
  };
  return Object.defineProperty(server, 'pid', { get: () => life.pid, enumerable: true }) as typeof server & {
    readonly pid: number | undefined;
  };
}

/** A server made of processes that start in order and end in reverse; the first is the server proper. */
export function processLife(folder: string, main: ServerProcess, before: readonly ServerProcess[] = []): ServerLife {
  return {
    get pid() {
      return main.pid;
    },
    start: async () => {
      for (const process of before) await process.start();
      await main.start();
    },
    stop: async () => {
      await main.stop();
      for (const process of before.toReversed()) await process.stop();
    },
    kill: () => main.kill(),
    pause: async () => main.pause(),
    unpause: async () => main.unpause(),
    remove: async () => {
      // Its data go with it, so there is nothing that an end in good order would save.
      await main.kill();
      for (const process of before.toReversed()) await process.kill();
      await removeFolder(folder);
    },
  };
}

/** Somebody else's server: reachable, never ended. */
export function foreignLife(variable: string): ServerLife {
  const refuse = async (): Promise<never> => {
    throw new Error(`The server was given by ${variable}: tests may use it, not end, pause or restart it`);
  };
  return {
    pid: undefined,
    start: refuse,
    stop: refuse,
    kill: refuse,
    pause: refuse,
    unpause: refuse,
    remove: async () => {},
  };
}
