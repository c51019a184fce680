/** Bounds of `GET /api/events`; tests have others. */
export interface EventLimits {
  /** Streams of one caller, and of all. */
  readonly perCaller: number;
  readonly perProcess: number;
  /** Newest events that are kept for those who come back, and characters of them. */
  readonly ringFrames: number;
  readonly ringChars: number;
  /** Streams that read what is older than that, at a time; others wait for their turn. */
  readonly replays: number;
  /** A stream that missed more than this is told to read anew. */
  readonly replayChanges: number;
  /** For how long a stream may do so: then it ends, and whoever comes back goes on where it was. */
  readonly replayMs: number;
  /** Longest silence on a stream. */
  readonly keepAliveMs: number;
  /** Then a stream ends, and whoever comes back is checked anew. */
  readonly lifetimeMs: number;
  /** How long a stream that ends waits for its client to take the rest. */
  readonly farewellMs: number;
  /** Changes are gathered for this long, so that a record that changes all the time is not read all the time. */
  readonly gatherMs: number;
  /** How long the feed goes on when nobody listens any more. */
  readonly lingerMs: number;
}

export const EVENT_LIMITS: EventLimits = {
  perCaller: 20,
  perProcess: 500,
  ringFrames: 10_000,
  ringChars: 8 * 1_024 * 1_024,
  replays: 4,
  replayChanges: 100_000,
  replayMs: 30_000,
  keepAliveMs: 15_000,
  lifetimeMs: 3_600_000,
  farewellMs: 1_000,
  gatherMs: 20,
  lingerMs: 30_000,
};
