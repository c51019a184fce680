import type { Argument, Command, Option } from 'commander';

/** What the word under the cursor is to be. */
export type Place =
  | { readonly kind: 'command'; readonly of: Command }
  | { readonly kind: 'flag'; readonly of: Command; readonly typed: string }
  | {
      readonly kind: 'value';
      readonly of: Command;
      readonly for: Option | Argument;
      readonly typed: string;
      readonly before: string;
    }
  | { readonly kind: 'nothing' };

/** Reads the words after the program's name, of which the last one is being typed, as the program would. */
export function placeOf(program: Command, words: readonly string[]): Place & { readonly typed: string } {
  const [typed = '', ...earlier] = joinedAtEquals(words).toReversed();
  const { command, awaiting, operands } = read(program, earlier.toReversed());
  if (awaiting !== undefined) return { kind: 'value', of: command, for: awaiting, typed, before: '' };
  const [flag, value] = splitAtEquals(typed);
  if (value !== undefined) {
    const option = flagNamed(command, flag);
    return option === undefined
      ? { kind: 'nothing', typed }
      : { kind: 'value', of: command, for: option, typed: value, before: `${flag}=` };
  }
  if (typed.startsWith('-')) return { kind: 'flag', of: command, typed };
  if (command.commands.length > 0) return { kind: 'command', of: command, typed };
  const known = command.registeredArguments;
  const argument = known[operands] ?? (known.at(-1)?.variadic ? known.at(-1) : undefined);
  return argument === undefined
    ? { kind: 'nothing', typed }
    : { kind: 'value', of: command, for: argument, typed, before: '' };
}

/** The words of a command line that are commands or operands: no flags, and no values of flags. */
export function operandsIn(program: Command, words: readonly string[]): string[] {
  return read(program, words).said;
}

interface Reading {
  readonly command: Command;
  /** The flag whose value comes next. */
  readonly awaiting: Option | undefined;
  /** How many words stand where the command takes operands. */
  readonly operands: number;
  readonly said: string[];
}

function read(program: Command, words: readonly string[]): Reading {
  let command = program;
  let awaiting: Option | undefined;
  let operands = 0;
  const said: string[] = [];
  for (const word of words) {
    if (awaiting !== undefined) {
      awaiting = undefined;
      continue;
    }
    if (word.startsWith('-') && word !== '-') {
      awaiting = word.includes('=') ? undefined : valued(flagNamed(command, word));
      continue;
    }
    said.push(word);
    const below: Command | undefined = command.commands.find((child) => child.name() === word);
    if (below === undefined) operands += 1;
    else command = below;
  }
  return { command, awaiting, operands, said };
}

/** The flags that a command takes, with those of every command. */
export function flagsOf(command: Command): Option[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  return command.parent === null ? own : [...own, ...flagsOf(command.parent)];
}

function flagNamed(command: Command, word: string): Option | undefined {
  const here = command.options.find(({ long, short }) => word === long || word === short);
  return here ?? (command.parent === null ? undefined : flagNamed(command.parent, word));
}

/** Flags of truth need no value: the next word is one of its own. */
function valued(option: Option | undefined): Option | undefined {
  return option?.required ? option : undefined;
}

/** `--job = x`, as bash cuts it, is `--job=x`; the part after it is what is asked for, and so `--job x` does as well. */
function joinedAtEquals(words: readonly string[]): string[] {
  const last = words.at(-1);
  const kept = words.filter((word, index) => word !== '=' || index === 0 || !words[index - 1]?.startsWith('--'));
  return last === '=' ? [...kept, ''] : kept;
}

function splitAtEquals(word: string): [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
