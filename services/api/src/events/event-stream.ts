import { EVENT_KINDS, type EventKind } from '@simple-scheduler/contracts';
import { eventText, type Frame, framesOf } from './frames.ts';
import type { EventHub, HubDeps } from './hub.ts';
import { withPauses } from './pauses.ts';
import type { Turns } from './turns.ts';

export interface StreamRequest {
  /** `Last-Event-ID`. */
  readonly after: string | undefined;
  readonly kinds: readonly EventKind[];
  readonly jobName: string | undefined;
  /** Ends the stream, if need be without what its client has not taken yet. */
  readonly end: () => void;
}

export interface StreamDeps extends HubDeps {
  readonly hub: EventHub;
  readonly replays: Turns;
}

/** Text that is made at a time; what a client has not taken yet is about this much, and the socket's buffers. */
const CHUNK_CHARS = 64 * 1_024;
const RETRY_MS = { least: 1_000, spread: 2_000 };

/**
 * The text of one stream, made as the client takes it. Ends by the signal, and where the client is so slow that its place
 * has left the ring: then it comes back, and is caught up with by reading what it missed from the store.
 */
export async function* eventStream(
  deps: StreamDeps,
  request: StreamRequest,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const { hub, limits } = deps;
  const { ring } = hub;
  let at = request.after ?? ring.head;
  let spokeAt = performance.now();
  const silentMs = (): number => performance.now() - spokeAt;
  yield opening(request, at);
  // What the ring does not know another process may have seen, or it has no event, or someone has made it up: the store knows.
  if (!ring.knows(at)) {
    let place: string | undefined;
    for await (const step of withPauses(replay(deps, request, at, signal), limits.keepAliveMs)) {
      place = step?.at ?? place;
      const text = step?.text ?? '';
      if (text === '' && silentMs() < limits.keepAliveMs) continue;
      yield text === '' ? keepAlive(place) : text;
      spokeAt = performance.now();
    }
    at = place ?? at;
  }
  while (!signal.aborted && ring.reaches(at)) {
    const frames = ring.after(at, CHUNK_CHARS);
    at = frames.at(-1)?.cursor ?? later(ring.head, at);
    const text = textOf(frames, request);
    // Events of which this stream is not told break no silence.
    if (text !== '' || silentMs() >= limits.keepAliveMs) {
      yield text === '' ? keepAlive(at) : text;
      spokeAt = performance.now();
    } else if (frames.length === 0) {
      await hub.moved(Math.ceil(limits.keepAliveMs - silentMs()), signal);
    }
  }
}

/** Without data: it only shows that the stream lives, and moves the place from which the client comes back. */
function keepAlive(at: string | undefined): string {
  return `: keep-alive\n${at === undefined ? '' : `id: ${at}\n`}\n`;
}

function opening({ after, kinds }: StreamRequest, at: string): string {
  // Not all at once, where a server that stops sends everyone away.
  const retryMs = RETRY_MS.least + Math.round(Math.random() * RETRY_MS.spread);
  return `retry: ${retryMs}\n${eventText('ready', { kinds }, after === undefined ? at : undefined)}`;
}

/** What came after `from` and before the ring. Ends where the ring reaches, or by the signal. */
async function* replay(
  { hub, changes, context, limits, replays }: StreamDeps,
  request: StreamRequest,
  from: string,
  signal: AbortSignal,
): AsyncGenerator<{ at: string; text: string }, void> {
  const leave = await replays.take(signal);
  // Others wait for this turn, and its client may take as little as it likes.
  const timer = setTimeout(request.end, limits.replayMs);
  try {
    let missed = 0;
    for await (const batch of changes.follow(from, signal)) {
      missed += batch.changes.length;
      if (batch.lost || missed > limits.replayChanges) {
        // What is in this batch is before that, and read anew with all the rest.
        const at = later(hub.ring.head, batch.cursor);
        yield { at, text: eventText('reset', {}, at) };
        return;
      }
      for await (const frames of framesOf(context, batch.changes))
        yield { at: frames.at(-1)?.cursor ?? from, text: textOf(frames, request) };
      yield { at: batch.cursor, text: '' };
      if (hub.ring.reaches(batch.cursor)) return;
    }
  } finally {
    clearTimeout(timer);
    leave();
  }
}

function textOf(frames: readonly Frame[], { kinds, jobName }: StreamRequest): string {
  const wanted = frames.filter(
    (frame) =>
      kinds.includes(frame.kind) &&
      // A run that is gone is told to all: whose it was is not known.
      (jobName === undefined || frame.jobName === undefined || frame.jobName === jobName),
  );
  return wanted.map(({ text }) => text).join('');
}

const later = (one: string, other: string): string => (one > other ? one : other);

export const ALL_KINDS: readonly EventKind[] = EVENT_KINDS;
