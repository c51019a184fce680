import stringWidth from 'string-width';

/** One column of a laid out table. Its cells are safe to print and may carry colours. */
export interface TableColumn {
  readonly title: string;
  readonly cells: readonly string[];
  /** Least width to which it may be cut where the line is too long; columns without it are never cut. */
  readonly shrinksTo?: number;
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
