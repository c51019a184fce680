import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The API says something every 15 s; a connection that is silent for three times as long is broken. */
const SILENCE_MAX_MS = 45_000;
/** Far more than any record: 64 KiB each of payload and output, and the rest. */
const BUFFER_MAX_CHARS = 4 * 1_024 * 1_024;

export interface MessageMarks {
  onId(id: string): void;
  onRetry(ms: number): void;
}

/**
 * Messages of a stream of server-sent events. Ends where the stream ends, breaks off or falls silent; throws the reason of
 * the signal. Marks are told before the message that they came with is handed out, and not before the earlier ones were.
 */
export async function* messagesOf(
  response: Response,
  signal: AbortSignal | undefined,
  marks: MessageMarks,
): AsyncGenerator<EventSourceMessage, void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const queue: (EventSourceMessage | (() => void))[] = [];
  const parser = createParser({
    maxBufferSize: BUFFER_MAX_CHARS,
    onEvent: (message) => queue.push(message),
    onId: (id) => queue.push(() => marks.onId(id)),
    onRetry: (ms) => queue.push(() => marks.onRetry(ms)),
  });
  try {
    for (;;) {
      const { done, value } = await readWithin(reader, SILENCE_MAX_MS);
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const next of queue.splice(0)) {
        if (typeof next === 'function') next();
        else yield next;
      }
    }
  } catch {
    // Broken off: what came before it stands.
  } finally {
    await reader.cancel().catch(() => {});
  }
  signal?.throwIfAborted();
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readWithin(reader: Reader, ms: number): ReturnType<Reader['read']> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), ms);
  try {
    return await reader.read();
  } finally {
    clearTimeout(timer);
  }
}
