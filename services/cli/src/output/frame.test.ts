import { expect, test } from 'vitest';
import { framesOn } from './frame.ts';

/** What a terminal of this size shows in the end: only what the frames use is understood. */
function terminal(columns: number, rows: number) {
  const lines: string[] = [''];
  const frame = framesOn(() => ({
    columns,
    rows,
    write: async (text) => {
      // oxlint-disable-next-line no-control-regex -- the escapes are what is tested
      for (const [part] of text.matchAll(/\u001b\[\d*[AJ]|\r|\n|[^\u001b\r\n]/gu)) {
        if (part.endsWith('A') && part.startsWith('\u001b')) lines.length -= Number(part.slice(2, -1));
        else if (part.endsWith('J') && part.startsWith('\u001b')) lines[lines.length - 1] = '';
        else if (part === '\n') lines.push('');
        else if (part !== '\r' && !part.startsWith('\u001b')) {
          if ((lines.at(-1) ?? '').length === columns) lines.push('');
          lines[lines.length - 1] += part;
        }
      }
    },
  }));
  return { frame, lines: () => lines.join('\n') };
}

test('a picture takes the place of the one before, also where lines were broken by the terminal', async () => {
  const { frame, lines } = terminal(10, 24);
  await frame('one\n0123456789abcdefghij-\nthree\n');
  await frame('two\n');
  expect(lines()).toBe('two\n');
  await frame('a\nb\n');
  await frame('c\nd\ne\n');
  expect(lines()).toBe('c\nd\ne\n');
});

test('what has no room is counted', async () => {
  const { frame, lines } = terminal(40, 6);
  await frame(Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join(''));
  expect(lines()).toBe('line 0\nline 1\nline 2\nline 3\n… 16 more lines\n');
  await frame('all\nof\nit\n');
  expect(lines()).toBe('all\nof\nit\n');
});
