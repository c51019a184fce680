import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usageFailure } from '../failures.ts';
import { limitArgument, pauseArgument } from '../values/arguments.ts';

/** Opens what a command acts with, from the options given to it and to the program. */
export type Open = (command: Command) => Context;

/** The verbs that have nouns below them, each declared once. */
export interface Verbs {
  readonly list: Command;
  readonly get: Command;
  readonly add: Command;
  readonly update: Command;
  readonly delete: Command;
  readonly pause: Command;
  readonly resume: Command;
  readonly run: Command;
  readonly next: Command;
  readonly cancel: Command;
  readonly retry: Command;
}

export function declareVerbs(program: Command): Verbs {
  const verb = (name: string, description: string): Command =>
    program.command(name).description(description).helpCommand(false);
  return {
    list: verb('list', 'list jobs, runs or ticks'),
    get: verb('get', 'show one job or run with all its fields'),
    add: verb('add', 'add a job'),
    update: verb('update', 'change a job'),
    delete: verb('delete', 'delete jobs'),
    pause: verb('pause', 'stop jobs from starting runs'),
    resume: verb('resume', 'let paused jobs start runs again'),
    run: verb('run', 'run a job now'),
    next: verb('next', 'show when a job is due next'),
    cancel: verb('cancel', 'cancel runs'),
    retry: verb('retry', 'start ended runs again'),
  };
}

/** `--watch` and `--every`: what is shown may be shown again and again. */
function watchOptions(): Option[] {
  const every = new Option('--every <duration>', 'time between two looks')
    .default(2_000, '2s')
    .argParser(pauseArgument);
  return [new Option('-w, --watch', 'look again and again; through a pipe, one line for each change'), every];
}

export function watchable(command: Command): Command {
  for (const option of watchOptions()) command.addOption(option);
  return command;
}

/**
 * Takes the two anywhere on the command line, as the other flags of every command, and hands them to the command, which is
 * where its help shows them. Refuses them where there is nothing to watch.
 */
export function takeWatchAnywhere(program: Command): void {
  for (const option of watchOptions()) program.addOption(option.hideHelp());
  program.hook('preAction', (_, command) => {
    const given = watchOptions()
      .map((option) => option.attributeName())
      .filter((name) => program.getOptionValueSource(name) === 'cli');
    for (const name of given) {
      if (!command.options.some((option) => option.attributeName() === name)) {
        throw usageFailure(`There is nothing to watch in \`${pathOf(command)}\`: leave --${name} out.`);
      }
      command.setOptionValueWithSource(name, program.getOptionValue(name), 'cli');
    }
  });
}

/** The words that call a command: `list jobs`. */
function pathOf(command: Command): string {
  return command.parent?.parent == null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Examples under a command's help. */
export function examples(command: Command, lines: readonly string[]): void {
  const root = rootOf(command).name();
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${root} ${line}`).join('\n')}`);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** How much of a list to show. */
export function declareExtent(command: Command): Command {
  return watchable(command)
    .option('-l, --limit <count>', 'most rows to list', limitArgument, 50)
    .option('-a, --all', 'list everything there is');
}
