import { createColors } from 'picocolors';
import { layOutDetails } from './details.ts';
import { jsonText, yamlText } from './documents.ts';
import { printable } from './printable.ts';
import { canFit, layOutBlocks, layOutTable, withRoom } from './table.ts';
import { exactTimes, humanTimes } from './times.ts';
import type { Times } from './times.ts';
import type { Tone, View } from './view.ts';

export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Puts results on standard output in the format asked for. */
export interface Printer {
  /** Things of a kind, one row each. Says how many there were. */
  list<T>(view: View<T>, items: Items<T>): Promise<number>;
  /** One thing with all its fields. */
  details<T extends object>(view: View<T>, item: T): Promise<void>;
  /** One thing in a row. */
  row<T>(view: View<T>, item: T): Promise<void>;
  /** One thing as `row` does, several as `list` does. */
  rows<T>(view: View<T>, items: readonly T[]): Promise<void>;
  /** Lines of text for people, as they are. */
  lines(lines: readonly StyledLine[]): Promise<void>;
  /** What was done to one thing or several, where the API answers nothing: for programs, as people get a sentence. */
  done(things: readonly Done[]): Promise<void>;
}

/** A thing that is known by its name or by its id, and what became of it. */
export type Done = ({ readonly name: string } | { readonly id: string }) & { readonly action: string };

const doneView: View<Done> = {
  plural: 'things',
  name: (done) => ('name' in done ? done.name : done.id),
  columns: [],
  fieldOrder: [],
  durations: {},
};

/** One line of text and what it means. */
export interface StyledLine {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** Rows, as they arrive or all at once. */
type Items<T> = AsyncIterable<T> | Iterable<T>;

export interface PrinterOptions {
  readonly format: OutputFormat;
  readonly colors: boolean;
  /** Columns of the terminal; Infinity where the output is no terminal. */
  readonly width: number;
  readonly nowMs: number;
  /** Resolves once more may be written. */
  write(text: string): Promise<void>;
}

export function createPrinter(options: PrinterOptions): Printer {
  const { format, write } = options;
  const times = format === 'wide' ? exactTimes(options.nowMs) : humanTimes(options.nowMs);

  const table = async <T>(view: View<T>, items: readonly T[]): Promise<void> => {
    if (items.length === 0) return;
    const paint = painter(options.colors);
    const columns = view.columns
      .filter((column) => format === 'wide' || column.wide === undefined)
      .map((column) => ({
        title: column.title,
        cells: items.map((item) => paint(printable(column.cell(item, times)), column.tone?.(item))),
        shrinksTo: column.shrinksTo,
        yields: column.yields,
      }));
    // Columns that nobody fills only take room from the others.
    const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== ''));
    const { width } = options;
    const isTooWide = format === 'wide' && !canFit(filled, width);
    const lines = isTooWide ? await layOutBlocks(filled) : await layOutTable(withRoom(filled, width), width);
    await write(`${lines.join('\n')}\n`);
  };

  const list = async <T>(view: View<T>, items: Items<T>): Promise<number> => {
    if (format !== 'table' && format !== 'wide') return writeEach(format, view, items, write);
    const rows: T[] = [];
    for await (const item of items) rows.push(item);
    await table(view, rows);
    return rows.length;
  };
  const row = async <T>(view: View<T>, item: T): Promise<void> => {
    if (format === 'table' || format === 'wide') await table(view, [item]);
    else await write(await documentText(format, view, item));
  };

  const rows = async <T>(view: View<T>, items: readonly T[]): Promise<void> => {
    const [first, second] = items;
    if (first !== undefined && second === undefined) await row(view, first);
    else if (first !== undefined) await list(view, items);
  };

  return {
    list,
    row,
    rows,
    details: async (view, item) => {
      if (format === 'table' || format === 'wide') await write(await detailsText(view, item, times));
      else await write(await documentText(format, view, item));
    },
    lines: async (lines) => {
      const paint = painter(options.colors);
      if (lines.length > 0) await write(lines.map(({ text, tone }) => `${paint(printable(text), tone)}\n`).join(''));
    },
    done: async (things) => {
      if (format !== 'table' && format !== 'wide') await rows(doneView, things);
    },
  };
}

async function detailsText<T extends object>(view: View<T>, item: T, times: Times): Promise<string> {
  return `${(await layOutDetails(view, item, times)).join('\n')}\n`;
}

async function documentText<T>(
  format: Exclude<OutputFormat, 'table' | 'wide'>,
  view: View<T>,
  item: T,
): Promise<string> {
  if (format === 'name') return `${printable(view.name(item))}\n`;
  return format === 'yaml' ? yamlText(item) : `${jsonText(item)}\n`;
}

/** Lists are written as they arrive, so that a list of any length takes little memory. */
async function writeEach<T>(
  format: Exclude<OutputFormat, 'table' | 'wide'>,
  view: View<T>,
  items: Items<T>,
  write: (text: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  for await (const item of items) {
    if (format === 'json') await write(`${count === 0 ? '[' : ','}\n  ${jsonText(item).replaceAll('\n', '\n  ')}`);
    else await write(format === 'yaml' ? await yamlText([item]) : await documentText(format, view, item));
    count++;
  }
  if (format === 'json') await write(count === 0 ? '[]\n' : '\n]\n');
  if (format === 'yaml' && count === 0) await write('[]\n');
  return count;
}

function painter(enabled: boolean): (text: string, tone: Tone | undefined) => string {
  const colors = createColors(enabled);
  const paints = { good: colors.green, bad: colors.red, busy: colors.yellow, quiet: colors.dim };
  return (text, tone) => (tone === undefined || text === '' ? text : paints[tone](text));
}
