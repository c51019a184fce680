import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Receipt, Saying } from '../check/history.ts';
import type { Entry } from '../worker/plan.ts';

/** What all workers wrote down. A line that was cut off with its writer is left out; what it told has not happened. */
export async function readJournals(files: readonly string[]): Promise<{ receipts: Receipt[]; sayings: Saying[] }> {
  const receipts: Receipt[] = [];
  const sayings: Saying[] = [];
  for (const file of files) {
    let worker = '';
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const entry = entryOf(line);
      if (entry === undefined) continue;
      if (entry.t === 'born') worker = entry.worker;
      else if (entry.t === 'received') receipts.push({ ...entry, worker });
      else if (entry.t === 'says') sayings.push({ ...entry, worker });
    }
  }
  return { receipts, sayings };
}

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
