import { createServer, type Server } from 'node:net';
import { type Condition, type Link, Pipe, type Recognize } from './pipe.ts';

/** What may be wrong with links. `halve`: one direction says nothing. */
export type Disturbance =
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'halve'; readonly silent: 'to_server' | 'to_client' }
  | { readonly kind: 'cut' };

interface Rule {
  readonly concerns: (link: Link) => boolean;
  readonly disturbance: Disturbance;
}

export interface Door {
  /** Where clients connect to instead of the server. */
  readonly port: number;
}

/** The wires between processes and servers: each server is reached through doors, and what passes can be disturbed. */
export class Network {
  readonly #servers: Server[] = [];
  readonly #pipes = new Set<Pipe>();
  readonly #rules = new Set<Rule>();

  /** A door to the server at `port`. `from`: who uses it, or how to tell by a connection's first bytes. */
  async openDoor(route: { from: string | Recognize; to: string; port: number }): Promise<Door> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const pipe = new Pipe(client, route, (link) => this.#conditionOf(link));
      this.#pipes.add(pipe);
      pipe.onceOver(() => this.#pipes.delete(pipe));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a door without a port');
    return { port: address.port };
  }

  /** Connections that there are at present over these links. */
  connections(concerns: Rule['concerns']): number {
    return [...this.#pipes].filter(({ link }) => link !== undefined && concerns(link)).length;
  }

  /** Disturbs links until it is lifted; tells how many connections it has met at once. */
  disturb(concerns: Rule['concerns'], disturbance: Disturbance): { readonly met: number; lift(): void } {
    const rule: Rule = { concerns, disturbance };
    const met = this.connections(concerns);
    const change = (): void => {
      for (const pipe of this.#pipes) pipe.changed();
    };
    this.#rules.add(rule);
    change();
    return {
      met,
      lift: () => {
        this.#rules.delete(rule);
        change();
      },
    };
  }

  async close(): Promise<void> {
    for (const pipe of this.#pipes) pipe.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #conditionOf(link: Link | undefined): Condition {
    let condition = FINE;
    if (link === undefined) return condition;
    for (const { concerns, disturbance } of this.#rules)
      if (concerns(link)) condition = worsened(condition, disturbance);
    return condition;
  }
}

const FINE: Condition = {
  isCut: false,
  toServer: { silent: false, delayMs: 0 },
  toClient: { silent: false, delayMs: 0 },
};

function worsened(condition: Condition, disturbance: Disturbance): Condition {
  const { toServer, toClient } = condition;
  switch (disturbance.kind) {
    case 'cut':
      return { ...condition, isCut: true };
    case 'delay':
      return {
        ...condition,
        toServer: { ...toServer, delayMs: toServer.delayMs + disturbance.delayMs },
        toClient: { ...toClient, delayMs: toClient.delayMs + disturbance.delayMs },
      };
    case 'halve':
      return disturbance.silent === 'to_server'
        ? { ...condition, toServer: { ...toServer, silent: true } }
        : { ...condition, toClient: { ...toClient, silent: true } };
  }
}
