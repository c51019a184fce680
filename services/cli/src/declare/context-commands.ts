import type { Command } from 'commander';
import { deleteContexts, listContexts, setContext, useContext } from '../commands/contexts.ts';
import { contextNameArgument, contextNamesArgument } from '../values/arguments.ts';
import { examples } from './verbs.ts';
import type { Open } from './verbs.ts';

export function declareContextCommands(program: Command, open: Open): void {
  const context = program.command('context').description('name APIs, and choose the one to use').helpCommand(false);
  const list = context
    .command('list')
    .description('list the contexts: APIs with names')
    .action((_options: object, self: Command) => listContexts(open(self)));
  examples(list, ['context list']);

  const set = context
    .command('set')
    .description('name the API at --url, or give a name to another one')
    .argument('<name>', 'name of the context', contextNameArgument)
    .action((name: string, _options: object, self: Command) => {
      const isGiven = program.getOptionValueSource('url') === 'cli';
      return setContext(open(self), name, isGiven ? program.opts<{ url: string }>().url : undefined);
    });
  examples(set, ['context set production --url https://scheduler.example.org/api']);

  const use = context
    .command('use')
    .description('choose the API that commands go to without --context or --url')
    .argument('<name>', 'name of the context', contextNameArgument)
    .action((name: string, _options: object, self: Command) => useContext(open(self), name));
  examples(use, ['context use production']);

  const del = context
    .command('delete')
    .description('forget names; the APIs stay as they are')
    .argument('<names...>', 'names of the contexts', contextNamesArgument)
    .action((names: string[], _options: object, self: Command) => deleteContexts(open(self), names));
  examples(del, ['context delete production']);
}
