import type { Command, Option } from 'commander';
import { jobFields } from '../src/declare/job-options.ts';
import type { Io } from '../src/io.ts';
import { declareAll, declareRoot } from '../src/program.ts';

/** A command that does something, with the words that call it: `list jobs`. */
export interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** The commands as the documentation shows them, which run nothing. */
export function commandTree(): Command {
  const io = { program: 'sched', env: {}, stdout: {}, stderr: {} } as Io;
  const root = declareRoot(io);
  declareAll(root, io, () => {
    throw new Error('nothing is run here');
  });
  return root;
}

/** Every command that users can see, in the order of the help. */
export function leavesOf(command: Command, path: readonly string[] = []): Leaf[] {
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');
  if (below.length === 0) return [{ path: path.join(' '), command }];
  return below.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

/** The reference part of docs/cli.md, as the commands are declared. */
export function commandReference(): string {
  const root = commandTree();
  const leaves = leavesOf(root);
  return [
    table(
      ['command', 'does'],
      leaves.map(({ path, command }) => [
        `[\`${[path, ...argumentsOf(command)].join(' ')}\`](#${anchor(path)})`,
        command.description(),
      ]),
    ),
    '## Flags of every command',
    flagTable([
      ...root.options.filter(({ hidden }) => !hidden),
      ...root
        .createHelp()
        .visibleOptions(root)
        .filter(({ long }) => long === '--help'),
    ]),
    '## Fields of a job',
    'The flags that `add job` and `update job` take besides their own:',
    fieldTable(),
    ...leaves.flatMap(section),
  ].join('\n\n');
}

function section({ path, command }: Leaf): string[] {
  const fields = new Set(jobFields().map(({ long }) => long));
  const takesFields = command.options.some(({ long }) => long === '--interval');
  const own = command.options.filter(({ long, hidden }) => !hidden && !(takesFields && fields.has(long)));
  const shown = examplesOf(command);
  return [
    `## \`${path}\``,
    `\`sched ${[path, ...argumentsOf(command), ...(command.options.length > 0 ? ['[options]'] : [])].join(' ')}\` ${command.description()}.`,
    ...(takesFields ? ['It takes the [fields of a job](#fields-of-a-job), too.'] : []),
    ...(own.length > 0 ? [flagTable(own)] : []),
    ...(shown === '' ? [] : [`\`\`\`sh\n${shown}\n\`\`\``]),
  ];
}

function argumentsOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map((argument) => {
    const name = `${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
}

function fieldTable(): string {
  return table(
    ['flag', 'field', 'meaning'],
    jobFields().map((option) => [flags(option), `\`${option.attributeName()}\``, meaning(option)]),
  );
}

function flagTable(options: readonly Option[]): string {
  return table(
    ['flag', 'meaning'],
    options.map((option) => [flags(option), meaning(option)]),
  );
}

/** `-n`, `--name <name>`. */
function flags({ short, long, flags: all }: Option): string {
  const value = / (?<value>[<[].*)$/.exec(all)?.groups?.['value'];
  const last = [long ?? short, value].filter(Boolean).join(' ');
  return short !== undefined && long !== undefined ? `\`${short}\`, \`${last}\`` : `\`${last}\``;
}

function meaning(option: Option): string {
  const { description, argChoices, envVar, defaultValueDescription, negate } = option;
  const defaultValue: unknown = option.defaultValue;
  const told = defaultValueDescription ?? (defaultValue === undefined || negate ? undefined : String(defaultValue));
  return [
    description,
    ...(argChoices === undefined ? [] : [`one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`]),
    ...(envVar === undefined ? [] : [`environment: \`${envVar}\``]),
    ...(told === undefined ? [] : [`default: \`${told}\``]),
  ].join('; ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function anchor(path: string): string {
  return path.replaceAll(' ', '-');
}

/** The help shows them behind a prompt. */
function examplesOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  const [, shown = ''] = help.split('\nExamples:\n');
  return shown
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^ {2}\$ /, ''))
    .join('\n');
}
