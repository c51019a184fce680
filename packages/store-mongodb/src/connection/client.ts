import { type Log, ValidationError } from '@simple-scheduler/engine';
import { MongoClient, type MongoClientOptions, type TopologyDescription } from 'mongodb';
import { redactorFor } from './redact.ts';

export interface ClientSettings {
  readonly connectionString: string;
  /** Unless the connection string has one: operators tell processes apart by it. */
  readonly appName: string;
  readonly timeoutMs: number;
  readonly serverSelectionTimeoutMs: number;
  /** For work that may take long, such as building an index: 0 waits for as long as the connection lives. */
  readonly socketTimeoutMs?: number;
  /** Emits an event per command. */
  readonly monitorCommands?: boolean;
}

const NAMES_APP = /[?&]appName=[^&]/i;
/** The answer to `maxTimeMS` must have time to arrive, else each slow command would cost its connection. */
const SOCKET_GRACE_MS = 2_000;

/**
 * Options that the promises of the Store rest on; they win over those in the connection string.
 *
 * Writes are acknowledged by a majority and journaled (the latter matters on a single node without replica set, where
 * nothing else makes a majority write durable). Reads are local, from the primary: they see every write that this or any
 * other process was told of, and what they may see too early (a write that a fail-over then undoes) never reaches a
 * decision, since every decision ends in a guarded majority write: that can only be acknowledged after what was read.
 * Majority reads would lag behind our own writes and make the read-back after an update answer wrongly.
 *
 * Retries are left at the driver's default, on, and may be turned off by `retryWrites=false` in the connection string; the
 * driver itself leaves them off for a server without replica set.
 */
function clientOptions(settings: ClientSettings): MongoClientOptions {
  const { timeoutMs, serverSelectionTimeoutMs, socketTimeoutMs = timeoutMs + SOCKET_GRACE_MS } = settings;
  return {
    ...(NAMES_APP.test(settings.connectionString) ? {} : { appName: settings.appName }),
    // One by one: a part of a connection string would win over the same part of `writeConcern`.
    w: 'majority',
    journal: true,
    wtimeoutMS: timeoutMs,
    readConcernLevel: 'local',
    readPreference: 'primary',
    serverSelectionTimeoutMS: serverSelectionTimeoutMs,
    connectTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    socketTimeoutMS: socketTimeoutMs,
    ignoreUndefined: true,
    monitorCommands: settings.monitorCommands ?? false,
  };
}

/** @throws ValidationError when this is no connection string; the message holds no secret. */
export function createClient(settings: ClientSettings): MongoClient {
  try {
    return new MongoClient(settings.connectionString, clientOptions(settings));
  } catch (error) {
    const said = redactorFor(settings.connectionString)(error instanceof Error ? error.message : String(error));
    throw new ValidationError([
      { path: 'connectionString', message: `is not a connection string that MongoDB understands: ${said}` },
    ]);
  }
}

/** Says once that the database went away, and once that it is back. */
export function logAvailability(client: MongoClient, log: Log): void {
  let present: boolean | undefined;
  client.on('topologyDescriptionChanged', ({ newDescription }: { newDescription: TopologyDescription }) => {
    const now = hasWritableServer(newDescription);
    if (now === (present ?? false)) return;
    present = now;
    const servers = [...newDescription.servers.keys()];
    if (now) log.info({ servers }, 'MongoDB is available');
    else log.warn({ servers }, 'MongoDB is not available');
  });
}

const WRITABLE_TYPES: ReadonlySet<string> = new Set(['RSPrimary', 'Standalone', 'Mongos', 'LoadBalancer']);

function hasWritableServer(description: TopologyDescription): boolean {
  return [...description.servers.values()].some((server) => WRITABLE_TYPES.has(server.type));
}
