import { normalizeBaseUrl } from '@simple-scheduler/client';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { operandsIn } from './completion/place.ts';
import { configFolder } from './config-folder.ts';
import { chosenUrl, openContext, tokenVariable } from './context.ts';
import type { Context, GivenApi, GlobalOptions } from './context.ts';
import { contextsIn } from './contexts.ts';
import { declareAccountCommands } from './declare/account-commands.ts';
import { declareCompletionCommands } from './declare/completion-commands.ts';
import { declareContextCommands } from './declare/context-commands.ts';
import { declareFileCommands } from './declare/file-commands.ts';
import { declareJobCommands } from './declare/job-commands.ts';
import { declareLaterCommands } from './declare/later-commands.ts';
import { declareRunCommands } from './declare/run-commands.ts';
import { declareTickCommands } from './declare/tick-commands.ts';
import { declareVerbs, takeWatchAnywhere } from './declare/verbs.ts';
import type { Open } from './declare/verbs.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { explain } from './explain.ts';
import { mayColor, widthOf } from './io.ts';
import type { Io } from './io.ts';
import { meantCommand } from './meant-command.ts';
import { printable } from './output/printable.ts';
import { OUTPUT_FORMATS } from './output/printer.ts';
import { wrapped } from './output/wrapped.ts';
import { contextNameArgument, timeoutArgument } from './values/arguments.ts';
import { readVersion } from './version.ts';

const DEFAULT_URL = 'http://localhost:8080/api';

/** Runs one command line (without program and script); says what went wrong and resolves with the exit code. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  const run: Run = { program: declareRoot(io), context: undefined };
  const open: Open = (command) => {
    const contexts = contextsIn(configFolder(io.env));
    const url = isAboutContexts(command)
      ? run.program.opts<GlobalOptions>().url
      : chosenUrl(contexts, givenApi(run.program));
    run.context = openContext(io, { ...command.optsWithGlobals<GlobalOptions>(), url }, contexts);
    return run.context;
  };
  declareAll(run.program, io, open);
  try {
    await run.program.parseAsync(withHelpFlag(run.program, argv), { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // The help has been shown instead, on stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    const meant = meantCommand(run.program, argv);
    return tell(error, { ...run, command: commandOf(run.program, argv), meant }, io);
  }
}

/** `help add job` is `add job --help`: commander's own help command looks at one word only. */
function withHelpFlag(program: Command, argv: readonly string[]): readonly string[] {
  const [first, ...path] = operandsIn(program, argv);
  if (first !== 'help' || path.length < 2) return argv;
  return [...argv.toSpliced(argv.indexOf('help'), 1), '--help'];
}

/** These must work where the context chosen is no longer there. */
function isAboutContexts(command: Command): boolean {
  return command.parent?.name() === 'context';
}

function givenApi(program: Command): GivenApi {
  const { url, context } = program.opts<{ url: string; context?: string }>();
  const [urlFrom, contextFrom] = [program.getOptionValueSource('url'), program.getOptionValueSource('context')];
  return { url, urlFrom, context, contextFrom };
}

/** The whole tree of commands. */
export function declareAll(program: Command, io: Io, open: Open): void {
  takeWatchAnywhere(program);
  declareAccountCommands(program, open);
  program.commandsGroup('Jobs and runs:');
  const verbs = declareVerbs(program);
  declareJobCommands(verbs, open);
  declareRunCommands(verbs, open);
  declareTickCommands(verbs, open);
  program.commandsGroup('Files of jobs:');
  declareFileCommands(program, open);
  program.commandsGroup('This program:');
  declareContextCommands(program, open);
  declareCompletionCommands(program, io, open);
  declareLaterCommands(program);
}

export function declareRoot(io: Io): Command {
  return (
    new Command(io.program)
      .description('Schedule jobs, and see and steer their runs.')
      .commandsGroup('Account:')
      .usage('[options] <verb> <noun>')
      .version(readVersion(), '-V, --version', 'show the version')
      .helpOption('-h, --help', 'show help; also for a verb or a command')
      .helpCommand('help [verb] [noun]', 'show help for a verb or a command')
      .addOption(urlOption())
      .addOption(
        new Option('--context <name>', 'API by the name given to it with `context set`')
          .env('SIMPLE_SCHEDULER_CONTEXT')
          .argParser(contextNameArgument),
      )
      .addOption(
        new Option('-o, --output <format>', 'how results are printed').choices(OUTPUT_FORMATS).default('table'),
      )
      .option('--no-color', 'print without colours (env: NO_COLOR)')
      .addOption(
        new Option('--timeout <duration>', 'longest wait for an answer of the API')
          .default(30_000, '30s')
          .argParser(timeoutArgument),
      )
      .option('-v, --verbose', 'tell more about what went wrong')
      // Flags with long names leave little room beside them: a narrow column is better than lines broken by the terminal.
      .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        writeErr: (text) => void io.stderr.write(text),
        getOutHelpWidth: () => helpWidth(io.stdout),
        getErrHelpWidth: () => helpWidth(io.stderr),
        // Failures are told once, at the end.
        outputError: () => {},
      })
      .exitOverride()
      .addHelpText('after', rootHelp(io.program))
  );
}

/** Lines of more than some hundred letters are hard to read. */
function helpWidth({ isTTY, columns }: NodeJS.WriteStream): number {
  return Math.min(isTTY ? columns : 80, 110);
}

function urlOption(): Option {
  return new Option('-u, --url <address>', 'address of the API')
    .env('SIMPLE_SCHEDULER_URL')
    .default(DEFAULT_URL, `that of the current context, else ${DEFAULT_URL}`)
    .argParser((text) => {
      try {
        return normalizeBaseUrl(text);
      } catch (error) {
        const why = (error as Error).message;
        throw new InvalidArgumentError(
          `It ${why.startsWith('must') ? why : 'must be an address like http://localhost:8080/api'}.`,
        );
      }
    });
}

interface Run {
  readonly program: Command;
  /** Absent as long as the command line has not been understood. */
  context: Context | undefined;
}

/** The words of the command line that name a command, e.g. `sched list jobs`. */
function commandOf(program: Command, argv: readonly string[]): string {
  let at = program;
  const words = [program.name()];
  for (const word of operandsIn(program, argv)) {
    const next = at.commands.find((command) => command.name() === word);
    if (next === undefined) break;
    words.push(word);
    at = next;
  }
  return words.join(' ');
}

interface Attempt extends Run {
  /** The words of the command line that name a command. */
  readonly command: string;
  readonly meant: string | undefined;
}

function tell(error: unknown, { program, context, command, meant }: Attempt, io: Io): ExitCode {
  const { color, verbose, ...given } = program.opts<GlobalOptions>();
  const url = context?.options.url ?? given.url;
  const loginState = context?.loginState() ?? 'none';
  const around = { program: io.program, command, meant, url, loginState, tokenVariable: tokenVariable(io.env) };
  const failures = explain(error, around);
  const isRed = mayColor(io.stderr, io.env, color);
  for (const { sentence, details } of failures) {
    const told = wrapped(`Error: ${printable(sentence)}`, widthOf(io.stderr));
    io.stderr.write(`${isRed ? told.replace('Error:', '\u001b[31mError:\u001b[39m') : told}\n`);
    if (verbose) for (const line of details) io.stderr.write(`  ${printable(line)}\n`);
  }
  return failures[0]?.exitCode ?? EXIT.refused;
}

const rootHelp = (program: string): string => `
Exit codes:
  0  done
  1  refused by the API
  2  the command line is wrong
  3  not logged in
  4  the API can't be reached

Times are given as 2026-03-01T08:00:00Z, now, +5m or -1h, and durations as 1500
(milliseconds), 90s, 5m or 1h30m. SIMPLE_SCHEDULER_TOKEN overrides a login.

Start here:
  $ ${program} login -i https://id.example.org/realms/simple-scheduler
  $ ${program} add job -n send-report -i 5m
  $ ${program} list runs -j send-report --watch
  $ ${program} add job --help`;
