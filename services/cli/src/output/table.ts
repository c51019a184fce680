import stringWidth from 'string-width';

/** One column of a laid out table. Its cells are safe to print and may carry colours. */
export interface TableColumn {
  readonly title: string;
  readonly cells: readonly string[];
  /** Least width to which it may be cut where the line is too long; columns without it are never cut. */
  readonly shrinksTo?: number | undefined;
  /** Its turn to be left out where cutting is not enough: 1 goes first; without it, never. */
  readonly yields?: number | undefined;
}

const GAP = 2;

/** The lines of a table; `width` is the terminal's, Infinity where nothing limits it. */
export async function layOutTable(columns: readonly TableColumn[], width: number): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const widths = fit(columns, width);
  const table = new Table({
    head: columns.map(({ title }) => title),
    colWidths: widths.map((columnWidth) => columnWidth + GAP),
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
    chars: NO_BORDERS,
  });
  const rows = columns[0]?.cells.length ?? 0;
  for (let row = 0; row < rows; row++) table.push(columns.map(({ cells }) => cells[row] ?? ''));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Whether they fit the width, cut as far as they may be. */
export function canFit(columns: readonly TableColumn[], width: number): boolean {
  return fit(columns, width).reduce((sum, columnWidth) => sum + columnWidth + GAP, -GAP) <= width;
}

/** The columns that fit the width, without those that yield. */
export function withRoom(columns: readonly TableColumn[], width: number): readonly TableColumn[] {
  if (canFit(columns, width)) return columns;
  const turns = columns.flatMap((column) => (column.yields === undefined ? [] : [column.yields]));
  if (turns.length === 0) return columns;
  const first = Math.min(...turns);
  return withRoom(
    columns.filter((column) => column.yields !== first),
    width,
  );
}

/** Each row as a block of lines with a title and a cell, for what is too wide to stand side by side. */
export async function layOutBlocks(columns: readonly TableColumn[]): Promise<string[]> {
  const rows = columns[0]?.cells.length ?? 0;
  const blocks: string[] = [];
  for (let row = 0; row < rows; row++) {
    const filled = columns.filter(({ cells }) => cells[row] !== '');
    if (row > 0) blocks.push('');
    blocks.push(...(await layOutPairs(filled.map(({ title, cells }) => [title, cells[row] ?? ''] as const))));
  }
  return blocks;
}

/** Names and what they stand for, a pair to a line. */
export async function layOutPairs(pairs: readonly (readonly [name: string, value: string])[]): Promise<string[]> {
  const lines = await layOutTable(
    [
      { title: '', cells: pairs.map(([name]) => name) },
      { title: '', cells: pairs.map(([, value]) => value) },
    ],
    Number.POSITIVE_INFINITY,
  );
  return lines.filter((line, index) => index > 0 || line !== '');
}

/** Widths of the columns: as wide as they like, then the widest of those that may shrink give way first. */
function fit(columns: readonly TableColumn[], width: number): number[] {
  const widths = columns.map(({ title, cells }) => cells.reduce((most, c) => Math.max(most, widest(c)), title.length));
  const least = columns.map(({ shrinksTo }, i) => Math.min(shrinksTo ?? Number.POSITIVE_INFINITY, widths[i] ?? 0));
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth + GAP, -GAP) - width;
  while (excess > 0) {
    let at = -1;
    widths.forEach((columnWidth, i) => {
      const canShrink = columnWidth > (least[i] ?? 0);
      if (canShrink && (at < 0 || columnWidth > (widths[at] ?? 0))) at = i;
    });
    if (at < 0) break;
    widths[at] = (widths[at] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function widest(cell: string): number {
  return Math.max(...cell.split('\n').map((line) => stringWidth(line)));
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
