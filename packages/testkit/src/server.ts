export type ServerKind = 'mongodb' | 'rabbitmq' | 'keycloak' | 'redis' | 'postgres';

/** Where a server comes from: an address in the environment, a container, or a binary from a package registry. */
export type ServerSource = 'environment' | 'container' | 'binary';

/**
 * A real server. Its address stays the same through stop, kill and start, and its data are kept until `remove`.
 * A server whose address the environment gave is not ours: `pid` is unknown, and all that ends or pauses it is refused.
 */
export interface Server extends AsyncDisposable {
  readonly kind: ServerKind;
  readonly version: string;
  readonly source: ServerSource;
  /** What clients connect to. */
  readonly url: string;
  /** Of the server's own process; undefined while it is down or where it is not ours. */
  readonly pid: number | undefined;
  /** Resolves when it answers again. Does nothing while it runs. */
  start(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** `stop` and `start`. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): Promise<void>;
  /** SIGCONT. */
  unpause(): Promise<void>;
  /** Ends it and removes its data. Safe twice. */
  remove(): Promise<void>;
}

export interface MongodbServer extends Server {
  readonly kind: 'mongodb';
}

export interface RabbitmqServer extends Server {
  readonly kind: 'rabbitmq';
  /** The management API with user and password in it, without a trailing slash. */
  readonly managementUrl: string;
  /** Runs `rabbitmqctl` with these arguments and returns what it printed. Takes most of a second. */
  control(...args: string[]): Promise<string>;
}

/** For the benchmark's peers: the product itself needs neither of these two. */
export interface RedisServer extends Server {
  readonly kind: 'redis';
}

export interface PostgresServer extends Server {
  readonly kind: 'postgres';
}

export interface KeycloakServer extends Server {
  readonly kind: 'keycloak';
  /** The issuer of the realm `simple-scheduler`. */
  readonly issuer: string;
}
