import { connect, type Socket } from 'node:net';
import { Lane, type LaneState } from './lane.ts';

/** Which process talks to which server. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** All that is wrong with a link at present. */
export interface Condition {
  readonly isCut: boolean;
  readonly toServer: LaneState;
  readonly toClient: LaneState;
}

/** Who has connected, by the first bytes that it sent. */
export type Recognize = (firstBytes: Buffer) => string;

/** One connection through the network. */
export class Pipe {
  /** Undefined until the client is recognized. */
  link: Link | undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lanes: readonly Lane[];
  readonly #condition: (link: Link | undefined) => Condition;

  constructor(
    client: Socket,
    route: { readonly from: string | Recognize; readonly to: string; readonly port: number },
    condition: (link: Link | undefined) => Condition,
  ) {
    this.#client = client;
    this.#condition = condition;
    const { from, to, port } = route;
    this.#server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [client, this.#server]) socket.on('error', () => {}); // `close` follows
    if (typeof from === 'string') this.link = { from, to };
    else
      client.prependOnceListener('data', (first: Buffer) => {
        this.link = { from: from(first), to };
        this.#conditionNow();
      });
    this.#lanes = [
      new Lane(client, this.#server, () => this.#conditionNow().toServer),
      new Lane(this.#server, client, () => this.#conditionNow().toClient),
    ];
    this.#conditionNow();
  }

  /** Calls back when both ends are gone. */
  onceOver(callback: () => void): void {
    let open = 2;
    for (const socket of [this.#client, this.#server]) {
      socket.once('close', () => {
        open -= 1;
        if (open === 0) callback();
      });
    }
  }

  /** The weather has changed. */
  changed(): void {
    this.#conditionNow();
    for (const lane of this.#lanes) lane.flush();
  }

  destroy(): void {
    for (const socket of [this.#client, this.#server]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  #conditionNow(): Condition {
    const condition = this.#condition(this.link);
    if (condition.isCut) this.destroy();
    return condition;
  }
}
