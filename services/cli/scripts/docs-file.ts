import { readFile } from 'node:fs/promises';
import { commandReference } from './command-reference.ts';

export const DOCS_PATH: URL = new URL('../../../docs/cli.md', import.meta.url);

const BEGIN = '<!-- reference: written by `node --conditions=x-source services/cli/scripts/write-docs.ts` -->';
const END = '<!-- end of reference -->';

/** docs/cli.md as it is, and as it should be: what people wrote around the reference stays. */
export async function docsFile(): Promise<{ readonly present: string; readonly wanted: string }> {
  const present = await readFile(DOCS_PATH, 'utf8');
  const [before, after] = [present.indexOf(BEGIN), present.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`docs/cli.md must have the lines ${BEGIN} and ${END}`);
  const wanted = `${present.slice(0, before + BEGIN.length)}\n\n${commandReference()}\n\n${present.slice(after)}`;
  return { present, wanted };
}
