import stringWidth from 'string-width';

/** The part of a terminal that a picture is drawn on, over and over. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): Promise<void>;
}

/** Draws one picture after the other in the same place; the last one stays. */
export function framesOn(screen: () => Screen): (text: string) => Promise<void> {
  let height = 0;
  return async (text) => {
    const { columns, rows, write } = screen();
    const lines = text.replace(/\n$/, '').split('\n');
    const shown = fitting(lines, columns, Math.max(2, rows - 1));
    // Up to where the last picture began, and everything below is gone.
    const back = height === 0 ? '' : `\u001b[${height}A\r\u001b[J`;
    await write(`${back}${shown.map((line) => `${line}\n`).join('')}`);
    height = shown.reduce((sum, line) => sum + rowsOf(line, columns), 0);
  };
}

/** What has room; the rest is counted. */
function fitting(lines: readonly string[], columns: number, rows: number): string[] {
  let left = rows;
  const fits = lines.findIndex((line) => {
    left -= rowsOf(line, columns);
    return left < 0;
  });
  if (fits < 0) return [...lines];
  const shown = lines.slice(0, Math.max(1, fits - 1));
  return [...shown, `… ${lines.length - shown.length} more lines`];
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stringWidth(line) / Math.max(1, columns)));
}
