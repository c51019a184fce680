import { RUN_STATUSES } from '@simple-scheduler/contracts';
import type { Command } from 'commander';
import { cancelRuns } from '../commands/cancel.ts';
import { getRun } from '../commands/get.ts';
import { listRuns } from '../commands/list.ts';
import { retryRuns } from '../commands/retry.ts';
import { instantArgument, jobNameArgument, oneOf, runIdArgument, runIdsArgument } from '../values/arguments.ts';
import type { WatchOptions } from '../commands/watch.ts';
import { declareExtent, examples, watchable } from './verbs.ts';
import type { Open, Verbs } from './verbs.ts';

export function declareRunCommands(verbs: Verbs, open: Open): void {
  declareList(verbs.list, open);
  declareOne(verbs, open);
}

function declareList(list: Command, open: Open): void {
  const command = declareExtent(list.command('runs').description('list runs, newest first'))
    .option('-j, --job <name>', 'only runs of this job', jobNameArgument)
    .option(
      '-s, --status <status>',
      `only runs in this status (${RUN_STATUSES.join(', ')}); repeat for more`,
      oneOf(RUN_STATUSES),
    )
    .option('--created-before <time>', 'only runs created before: 2026-03-01T08:00:00Z, -1h', instantArgument)
    .option('--started-before <time>', 'only runs started before', instantArgument)
    .option('--heartbeat-before <time>', 'only runs last heard of before', instantArgument)
    .action((options, self: Command) => listRuns(open(self), options));
  examples(command, [
    'list runs',
    'list runs -j send-report -s failed',
    'list runs -s running,cancelling --started-before -1h',
    'list runs -s failed --watch -o name',
  ]);
}

function declareOne(verbs: Verbs, open: Open): void {
  const get = watchable(verbs.get.command('run').description('show a run; with --watch until it has ended'))
    .argument('<id>', 'id of the run', runIdArgument)
    .action((id: string, options: WatchOptions, self: Command) => getRun(open(self), id, options));
  examples(get, ['get run 0193a1b2c3d4e5f601234567', 'get run 0193a1b2c3d4e5f601234567 --watch']);

  const cancel = watchable(verbs.cancel.command('run'))
    .description('ask for runs to be cancelled, whether they wait or are under way; with --watch until they have ended')
    .argument('<ids...>', 'ids of the runs', runIdsArgument)
    .action((ids: string[], options: WatchOptions, self: Command) => cancelRuns(open(self), ids, options));
  examples(cancel, [
    'cancel run 0193a1b2c3d4e5f601234567',
    `cancel run $(${cancel.parent?.parent?.name()} list runs -j send-report -s running -o name)`,
  ]);

  const retry = watchable(verbs.retry.command('run'))
    .description('start ended runs again, each as a new run; with --watch until they have ended')
    .argument('<ids...>', 'ids of the runs', runIdsArgument)
    .action((ids: string[], options: WatchOptions, self: Command) => retryRuns(open(self), ids, options));
  examples(retry, ['retry run 0193a1b2c3d4e5f601234567']);
}
