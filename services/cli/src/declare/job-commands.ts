import type { JobInput } from '@simple-scheduler/contracts';
import type { Command } from 'commander';
import { addJob } from '../commands/add.ts';
import { deleteJobs } from '../commands/delete.ts';
import { getJob } from '../commands/get.ts';
import { listJobs } from '../commands/list.ts';
import { theName, theNames } from '../commands/naming.ts';
import { nextTicks } from '../commands/next.ts';
import type { NextOptions } from '../commands/next.ts';
import { pauseJobs } from '../commands/pause.ts';
import type { WatchOptions } from '../commands/watch.ts';
import { resumeJobs } from '../commands/resume.ts';
import { runJob } from '../commands/run.ts';
import { CLEARABLE_FIELDS, updateJob } from '../commands/update.ts';
import type { ClearableField } from '../commands/update.ts';
import type { Context } from '../context.ts';
import {
  booleanArgument,
  idempotencyKeyArgument,
  jobNameArgument,
  jobNamesArgument,
  jobPatternArgument,
  jsonArgument,
  limitArgument,
  oneOf,
  pairArgument,
} from '../values/arguments.ts';
import type { GivenJson } from '../values/arguments.ts';
import { declareJobFields, givenFields } from './job-options.ts';
import { declareExtent, examples, watchable } from './verbs.ts';
import type { Open, Verbs } from './verbs.ts';

export function declareJobCommands(verbs: Verbs, open: Open): void {
  declareList(verbs.list, open);
  declareGet(verbs.get, open);
  declareAdd(verbs.add, open);
  declareUpdate(verbs.update, open);
  declareDelete(verbs.delete, open);
  declareRun(verbs.run, open);
  declareNext(verbs.next, open);
  declareOnSeveral(verbs.pause, open, 'pause jobs: their ticks start no runs until resumed', pauseJobs);
  declareOnSeveral(verbs.resume, open, 'resume paused jobs, from the next tick on', resumeJobs);
}

function declareList(list: Command, open: Open): void {
  const command = declareExtent(list.command('jobs').description('list jobs, by name'))
    .option('-n, --name <name>', 'only the job of this name; a final * matches any ending', jobPatternArgument)
    .option('-e, --enabled [boolean]', 'only jobs that are enabled, or (false) paused', booleanArgument)
    .option('--meta <key=value>', 'only jobs with this label; repeat for more', pairArgument)
    .action((options, self: Command) => listJobs(open(self), options));
  examples(command, ['list jobs', "list jobs --name 'report-*' --enabled false", 'list jobs --all -o name']);
}

function declareGet(get: Command, open: Open): void {
  const command = named(watchable(get.command('job').description('show a job'))).action(
    (name: string | undefined, options: NameOption & WatchOptions, self: Command) =>
      getJob(open(self), theName(name, options.name), options),
  );
  examples(command, ['get job send-report', 'get job send-report -o yaml']);
}

function declareAdd(add: Command, open: Open): void {
  const command = declareJobFields(named(add.command('job').description('add a job'))).action(
    (name: string | undefined, options: NameOption & Record<string, unknown>, self: Command) => {
      const job = { ...givenFields(options), name: theName(name, options.name) };
      return addJob(open(self), job as JobInput);
    },
  );
  examples(command, [
    'add job -n send-report -i 5m',
    "add job -n nightly --cron '30 2 * * *' --timezone Europe/Berlin --payload '{\"full\": true}'",
    'add job -n once -r 2027-01-01T00:00:00Z',
  ]);
}

function declareUpdate(update: Command, open: Open): void {
  const command = declareJobFields(named(update.command('job').description('change fields of a job')))
    .option(
      '--clear <field>',
      `take a field away (${CLEARABLE_FIELDS.join(', ')}); repeat for more`,
      oneOf(CLEARABLE_FIELDS),
    )
    .action((name: string | undefined, options: NameOption & Record<string, unknown>, self: Command) => {
      const clear = (options['clear'] ?? []) as ClearableField[];
      return updateJob(open(self), theName(name, options.name), { fields: givenFields(options), clear });
    });
  examples(command, [
    'update job -n send-report -e false',
    "update job send-report --cron '0 * * * *'    # takes the place of an interval",
    'update job send-report --clear description',
  ]);
}

function declareDelete(del: Command, open: Open): void {
  const command = severallyNamed(del.command('job').description('delete jobs; asks first on a terminal'))
    .option('-y, --yes', 'do not ask')
    .action((names: string[], options: NamesOption & { yes?: true }, self: Command) =>
      deleteJobs(open(self), theNames(names, options.name), options),
    );
  examples(command, ['delete job send-report', 'delete job -n send-report --yes']);
}

function declareRun(run: Command, open: Open): void {
  const command = named(
    watchable(run.command('job').description('run a job now, beside its schedule; with --watch until it has ended')),
  )
    .option('--payload <json>', "instead of the job's: JSON, @file or @- for standard input", jsonArgument)
    .option(
      '--idempotency-key <key>',
      'repeating the call with the same key starts no second run',
      idempotencyKeyArgument,
    )
    .action(
      (
        name: string | undefined,
        options: NameOption & WatchOptions & { payload?: GivenJson; idempotencyKey?: string },
        self: Command,
      ) => {
        const { name: option, payload, ...rest } = options;
        return runJob(
          open(self),
          theName(name, option),
          payload === undefined ? rest : { ...rest, payload: payload.json },
        );
      },
    );
  examples(command, ['run job send-report', 'run job send-report --payload \'{"to": ["me"]}\' --watch']);
}

function declareNext(next: Command, open: Open): void {
  const command = named(watchable(next.command('job').description('show when a job is due next')))
    .option('--count <count>', 'how many ticks', limitArgument)
    .action((name: string | undefined, options: NameOption & NextOptions, self: Command) => {
      const { name: option, ...rest } = options;
      return nextTicks(open(self), theName(name, option), rest);
    });
  examples(command, ['next job send-report', 'next job send-report --count 3 -o name']);
}

type ActOnSeveral = (context: Context, names: readonly string[]) => Promise<void>;

function declareOnSeveral(verb: Command, open: Open, description: string, act: ActOnSeveral): void {
  const command = severallyNamed(verb.command('job').description(description)).action(
    (names: string[], options: NamesOption, self: Command) => act(open(self), theNames(names, options.name)),
  );
  examples(command, [`${verb.name()} job send-report`, `${verb.name()} job nightly send-report`]);
}

interface NameOption {
  readonly name?: string;
}

interface NamesOption {
  readonly name?: readonly string[];
}

function named(command: Command): Command {
  return command
    .argument('[name]', 'name of the job', jobNameArgument)
    .option('-n, --name <name>', 'name of the job', jobNameArgument);
}

function severallyNamed(command: Command): Command {
  return command
    .argument('[names...]', 'names of the jobs', jobNamesArgument)
    .option('-n, --name <name>', 'name of a job; repeat for more', jobNamesArgument);
}
