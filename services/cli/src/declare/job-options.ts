import { MISFIRE_POLICIES, RETRY_BACKOFFS } from '@simple-scheduler/contracts';
import type { JobPatch } from '@simple-scheduler/contracts';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  booleanArgument,
  countArgument,
  durationArgument,
  instantArgument,
  jsonArgument,
  pairArgument,
  queueNameArgument,
} from '../values/arguments.ts';
import type { GivenJson } from '../values/arguments.ts';

type Parse = (text: string, previous: never) => unknown;

/** A flag of a job's field: the long name is the field's, so that commander's values are the fields. */
function field(flags: string, description: string, parse?: Parse): Option {
  const option = new Option(flags, description);
  return parse === undefined ? option : option.argParser(parse as (text: string, previous: unknown) => unknown);
}

/** `-e false`, `-e true`, and `-e` alone, which commander takes for true. */
function booleanField(flags: string, description: string): Option {
  return field(`${flags} [boolean]`, description, booleanArgument);
}

/** The fields of a job, for `add` and `update`. */
export function jobFields(): Option[] {
  return [
    field('--description <text>', 'what the job is for'),
    booleanField('-e, --enabled', 'whether its ticks start runs'),
    field('-i, --interval <duration>', 'time between runs: 1500 (ms), 90s, 5m, 1h30m', durationArgument).conflicts(
      'cron',
    ),
    field('--cron <expression>', 'cron expression with 5 or 6 fields'),
    field('--timezone <zone>', 'IANA zone in which the cron expression is read, e.g. Europe/Berlin'),
    field('-r, --next-run-at <time>', 'next run: 2026-03-01T08:00:00Z, now, +5m', instantArgument),
    field('-x, --run-execution-timeout <duration>', 'longest time that a run may take; 0: none', durationArgument),
    field('-s, --run-start-timeout <duration>', 'longest wait of a run for its worker; 0: none', durationArgument),
    field(
      '-t, --heartbeat-timeout <duration>',
      'longest silence of a worker in a run; 0: not watched',
      durationArgument,
    ),
    field(
      '--cancel-timeout <duration>',
      'longest time that a cancelled run may take to end; 0: none',
      durationArgument,
    ),
    booleanField('-c, --allow-concurrent-runs', 'whether runs of the job may overlap'),
    field('-q, --max-queue-count <count>', 'runs that may wait for the active one', countArgument),
    field('--misfire-policy <policy>', 'what happens to runs missed while nothing was up').choices(MISFIRE_POLICIES),
    field('--misfire-limit <count>', 'most runs that fire_all makes up for', countArgument),
    field('--misfire-grace <duration>', 'how late a run may be before it counts as missed', durationArgument),
    field(
      '--max-retries <count>',
      'failures after which a run is tried again, then it is dead; 0: none',
      countArgument,
    ),
    field('--retry-backoff <how>', 'how the delay before a retry grows').choices(RETRY_BACKOFFS),
    field('--retry-delay <duration>', 'delay before the first retry', durationArgument),
    field('--retry-max-delay <duration>', 'longest delay before a retry', durationArgument),
    field(
      '--max-restarts <count>',
      'attempts lost with their workers after which a run fails; 0: no bound',
      countArgument,
    ),
    field('--start-at <time>', 'no tick before this time', instantArgument),
    field('--end-at <time>', 'no tick after this time', instantArgument),
    field('--jitter <duration>', 'each tick starts later by up to this, by an amount of its own', durationArgument),
    field('--retention-count <count>', 'newest runs whose records are kept; 0: no bound', countArgument),
    field('--retention-age <duration>', 'how long records of ended runs are kept; 0: no bound', durationArgument),
    field('--payload <json>', 'handed to the worker: JSON, @file or @- for standard input', jsonArgument),
    field('--meta <key=value>', 'a label; repeat for more', pairArgument),
    field('--work-queue <name>', 'queue that the job shares with others', queueNameArgument),
  ];
}

export function declareJobFields(command: Command): Command {
  for (const option of jobFields()) command.addOption(option);
  return command;
}

/** What was given of the fields; commander's other values left out. */
export function givenFields(values: Readonly<Record<string, unknown>>): JobPatch {
  const names = jobFields().map((option) => option.attributeName());
  const given = names.filter((name) => values[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => [name, name === 'payload' ? (values[name] as GivenJson).json : values[name]]),
  );
}
