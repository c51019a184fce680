import type { Command } from 'commander';
import type { Context } from '../context.ts';

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
  const verb = (name: string, description: string): Command => program.command(name).description(description);
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

/** Examples under a command's help. */
export function examples(command: Command, lines: readonly string[]): void {
  const root = rootOf(command).name();
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${root} ${line}`).join('\n')}`);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
