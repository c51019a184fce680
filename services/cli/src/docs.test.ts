import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import type { Io } from './io.ts';
import { declareAll, declareRoot } from './program.ts';

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

function leaves(command: Command, path: readonly string[]): Leaf[] {
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');
  if (below.length === 0) return [{ path: path.join(' '), command }];
  return below.flatMap((child) => leaves(child, [...path, child.name()]));
}

function tree(): Command {
  const root = declareRoot({ program: 'sched' } as Io);
  declareAll(root, () => {
    throw new Error('nothing is run here');
  });
  return root;
}

test('docs/cli.md names every command and every flag', async () => {
  const text = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  const root = tree();
  const missing: string[] = [];
  for (const { path, command } of [{ path: '', command: root }, ...leaves(root, [])]) {
    if (!text.includes(`\`${path}`)) missing.push(path);
    for (const { long, short } of command.options) {
      for (const flag of [long, short]) if (flag && !text.includes(`\`${flag}`)) missing.push(`${path} ${flag}`);
    }
  }
  expect(missing).toEqual([]);
});

test('every command says what it does, and those on jobs and runs give examples', () => {
  for (const { path, command } of leaves(tree(), [])) {
    expect(command.description(), path).not.toBe('');
    for (const option of command.options) expect(option.description, `${path} ${option.flags}`).not.toBe('');
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    if (path.includes(' ')) expect(help, path).toContain(`$ sched ${path}`);
  }
});
