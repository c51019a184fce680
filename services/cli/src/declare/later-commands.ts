import type { Command } from 'commander';
import { usageFailure } from '../failures.ts';
import { watchable } from './verbs.ts';

/** Commands that are planned: refused by name, so that nobody looks for a typing error. */
const LATER = ['logs', 'import'] as const;

export function declareLaterCommands(program: Command): void {
  for (const name of LATER) {
    watchable(program.command(name, { hidden: true }))
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw usageFailure(
          `\`${name}\` is not available in this version: see \`${program.name()} --help\` for what is.`,
        );
      });
  }
}
