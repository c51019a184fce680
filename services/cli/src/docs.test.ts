import { expect, test } from 'vitest';
import { commandTree, leavesOf } from '../scripts/command-reference.ts';
import { docsFile } from '../scripts/docs-file.ts';

test('docs/cli.md is what the commands say (else run services/cli/scripts/write-docs.ts)', async () => {
  const { present, wanted } = await docsFile();
  expect(present).toBe(wanted);
});

test('every command says what it does, and those on jobs and runs give examples', () => {
  for (const { path, command } of leavesOf(commandTree())) {
    expect(command.description(), path).not.toBe('');
    for (const option of command.options) expect(option.description, `${path} ${option.flags}`).not.toBe('');
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    if (path.includes(' ')) expect(help, path).toContain(`$ sched ${path}`);
  }
});
