import { writeFile } from 'node:fs/promises';
import { DOCS_PATH, docsFile } from './docs-file.ts';

// Writes the reference part of docs/cli.md from the commands; a test holds the file to it.
await writeFile(DOCS_PATH, (await docsFile()).wanted);
