import type { Command } from 'commander';
import { type ListTicksOptions, listTicks } from '../commands/list.ts';
import { instantArgument, jobNameArgument } from '../values/arguments.ts';
import { declareExtent, examples } from './verbs.ts';
import type { Open, Verbs } from './verbs.ts';

export function declareTickCommands({ list }: Verbs, open: Open): void {
  const command = declareExtent(
    list.command('ticks').description("list a job's ticks, oldest first, and what became of them"),
  )
    .argument('<job>', 'name of the job', jobNameArgument)
    .option('--from <time>', 'only ticks at or after: 2026-03-01T08:00:00Z, -1h (a day before --to)', instantArgument)
    .option('--to <time>', 'only ticks at or before (now)', instantArgument)
    .action((name: string, options: ListTicksOptions, self: Command) => listTicks(open(self), name, options));
  examples(command, [
    'list ticks send-report',
    'list ticks send-report --from -1h --to +1h',
    'list ticks nightly --all -o json',
  ]);
}
