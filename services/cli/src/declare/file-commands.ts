import type { Command } from 'commander';
import { applyFiles } from '../commands/apply.ts';
import type { ApplyOptions } from '../commands/apply.ts';
import { exportJobs } from '../commands/export.ts';
import type { ExportOptions } from '../commands/export.ts';
import { jobNamesArgument, pairArgument, setNameArgument } from '../values/arguments.ts';
import { examples } from './verbs.ts';
import type { Open } from './verbs.ts';

export function declareFileCommands(program: Command, open: Open): void {
  const apply = program
    .command('apply')
    .description('make the jobs what files declare: create, update, and with --prune delete')
    .requiredOption('-f, --file <path>', 'YAML or JSON with jobs; - for standard input; repeat for more', severalPaths)
    .option('--set <name>', 'set to which the jobs belong, as `set:` in the file', setNameArgument)
    .option('--prune', 'delete the jobs of the set that the files declare no more; asks first on a terminal')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('-y, --yes', 'do not ask')
    .action((options: ApplyOptions, self: Command) => applyFiles(open(self), options));
  examples(apply, [
    'apply -f jobs.yaml --dry-run',
    'apply -f jobs.yaml --set billing --prune',
    'export | ssh other-host sched apply -f -',
  ]);

  const exported = program
    .command('export')
    .description('write jobs as apply reads them')
    .argument('[names...]', 'names of the jobs; all where none is given', jobNamesArgument)
    .option('--set <name>', 'only the jobs of this set', setNameArgument)
    .option('--meta <key=value>', 'only jobs with this label; repeat for more', pairArgument)
    .option('--next-run-at', 'also write when jobs with a schedule are due next, to go on from there elsewhere')
    .action((names: string[], options: ExportOptions, self: Command) => exportJobs(open(self), names, options));
  examples(exported, ['export > jobs.yaml', 'export --set billing -o json', 'export send-report nightly']);
}

function severalPaths(path: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), path];
}
