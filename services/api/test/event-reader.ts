import { waitFor } from '@simple-scheduler/testkit';

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

export interface EventReader {
  readonly response: Response;
  /** Events with data, in their order. */
  readonly events: ReceivedEvent[];
  /** All that came. */
  readonly text: () => string;
  /** The last `id` of all, as a browser would send it. */
  lastId(): string | undefined;
  until(holds: (events: readonly ReceivedEvent[]) => unknown): Promise<void>;
  /** Waits for the first event with this name for which `matches` holds. */
  event(name: string, matches?: (data: Record<string, unknown>) => boolean): Promise<ReceivedEvent>;
  /** Resolves when the stream has ended or broken, with what came. */
  readonly ended: Promise<string>;
  close(): void;
}

/** Opens a stream of events and reads on in the background. */
export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
  const chunks: string[] = [];
  let rest = '';
  let lastId: string | undefined;
  const events: ReceivedEvent[] = [];
  const parse = (): void => {
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block
          .split('\n')
          .filter((line) => !line.startsWith(':'))
          .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      );
      lastId = fields.get('id') ?? lastId;
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = fields.get('event') ?? 'message';
      events.push({ event, id: fields.get('id'), data: JSON.parse(data) as Record<string, unknown> });
    }
  };
  const read = async (body: ReadableStream<Uint8Array>): Promise<string> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        const text = decoder.decode(chunk, { stream: true });
        chunks.push(text);
        rest += text;
        parse();
      }
    } catch {
      // Broken off: what came is what counts.
    }
    return chunks.join('');
  };
  const find = (name: string, matches: (data: Record<string, unknown>) => boolean): ReceivedEvent | undefined =>
    events.find(({ event, data }) => event === name && matches(data));
  return {
    response,
    events,
    text: () => chunks.join(''),
    lastId: () => lastId,
    until: async (holds) => {
      await waitFor(() => Boolean(holds(events)), { timeoutMs: 20_000, message: 'the events' });
    },
    event: (name, matches = () => true) =>
      waitFor(() => find(name, matches), { timeoutMs: 20_000, message: `the event ${name}` }),
    ended: read(response.body),
    close: () => abort.abort(),
  };
}
