import { isDeepStrictEqual } from 'node:util';
import { yamlText } from './documents.ts';
import { escapedInQuotes, printable } from './printable.ts';
import type { OutputFormat } from './printer.ts';
import { exactTimes } from './times.ts';
import type { View } from './view.ts';

/** `current`: it was there when the watching began. */
type Change = 'current' | 'added' | 'changed' | 'removed';

/** One look at a list, or at one thing. */
export interface Look<T> {
  readonly items: readonly T[];
  /** Whether there may be more than was looked at, so that one that is missing may still be there. */
  readonly isCut: boolean;
}

/** Tells, one line for each, what is not as it was at the look before. */
export function changesFeed<T>(
  view: View<T>,
  format: OutputFormat,
  write: (text: string) => Promise<void>,
): (look: Look<T>) => Promise<void> {
  let known: Map<string, T> | undefined;
  return async ({ items, isCut }) => {
    const before = known;
    const now = new Map(items.map((item) => [view.name(item), item]));
    const lines: (readonly [Change, T])[] = [];
    for (const [name, item] of now) {
      const last = before?.get(name);
      if (before === undefined) lines.push(['current', item]);
      else if (last === undefined) lines.push(['added', item]);
      else if (!isDeepStrictEqual(lasting(view, last), lasting(view, item))) lines.push(['changed', item]);
    }
    for (const [name, item] of before ?? []) if (!isCut && !now.has(name)) lines.push(['removed', item]);
    known = now;
    for (const [change, item] of lines) await write(await lineOf(view, format, change, item));
  };
}

/** Signs of life come all the time and change nothing. */
function lasting<T>({ passing = ['heartbeat'] }: View<T>, item: T): unknown {
  if (typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(Object.entries(item).filter(([field]) => !passing.includes(field)));
}

async function lineOf<T>(view: View<T>, format: OutputFormat, change: Change, item: T): Promise<string> {
  switch (format) {
    case 'name':
      return `${printable(view.name(item))}\n`;
    case 'json':
      return `${escapedInQuotes(JSON.stringify({ change, item }))}\n`;
    case 'yaml':
      return `---\n${await yamlText({ change, item })}`;
    case 'table':
    case 'wide': {
      const now = new Date().toISOString();
      const times = exactTimes(Date.parse(now));
      const columns = view.columns.filter((column) => format === 'wide' || column.wide === undefined);
      const cells = columns.map((column) => column.cell(item, times)).filter((cell) => cell !== '');
      return `${[now, change, ...cells].map(printable).join('  ')}\n`;
    }
  }
}
