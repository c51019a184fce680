import { normalizeBaseUrl } from '@simple-scheduler/client';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { candidatesFor } from '../completion/candidates.ts';
import { completionScript, FILES, SHELLS } from '../completion/scripts.ts';
import type { Shell } from '../completion/scripts.ts';
import { writeResult } from '../io.ts';
import type { Io } from '../io.ts';
import { printable } from '../output/printable.ts';
import { examples } from './verbs.ts';
import type { Open } from './verbs.ts';

export function declareCompletionCommands(program: Command, io: Io, open: Open): void {
  const command = program
    .command('completion')
    .description('write a script that completes command lines in your shell, with names of jobs from the API')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action((shell: Shell) => writeResult(io, completionScript(shell)));
  examples(command, [
    'completion bash > ~/.local/share/bash-completion/completions/sched',
    'completion zsh > ~/.zfunc/_sched    # a folder of your fpath',
    'completion fish > ~/.config/fish/completions/sched.fish',
  ]);

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .helpOption(false)
    .action(async (words: string[], _options: object, self: Command) => {
      const openFor = ({ url, context }: { readonly url?: string; readonly context?: string }) => {
        if (url !== undefined) program.setOptionValueWithSource('url', normalizeBaseUrl(url), 'cli');
        if (context !== undefined) program.setOptionValueWithSource('context', context, 'cli');
        return open(self);
      };
      // Nobody reads a message here: what can't be known is not offered.
      const candidates = await candidatesFor(program, words, openFor).catch(() => []);
      const lines = candidates.map(({ word, description }) =>
        word === FILES ? `${FILES}\n` : `${printable(word)}\t${printable(description)}\n`,
      );
      await writeResult(io, lines.join(''));
    });
}
