import type { Command } from 'commander';
import { operandsIn } from './completion/place.ts';
import { nearest } from './nearest.ts';

/** The command line, as far as commands and operands go, that was probably meant where a command is not known. */
export function meantCommand(program: Command, words: readonly string[]): string | undefined {
  const [first = '', second, ...rest] = operandsIn(program, words);
  const said = (...path: readonly (string | undefined)[]): string =>
    [program.name(), ...path].filter((word) => word !== undefined).join(' ');
  const verb = childNamed(program, first);
  if (verb !== undefined) {
    const noun = second === undefined ? undefined : nounMeant(program, verb, second);
    return noun && said(first, noun.word, ...(noun.isExtra ? [second] : []), ...rest);
  }
  // `jobs list`, `job add`: the noun before the verb.
  const later = second === undefined ? undefined : childNamed(program, second);
  const swapped = later && nearest(first, namesBelow(later));
  if (swapped !== undefined) return said(second, swapped, ...rest);
  const list = childNamed(program, 'list');
  if (list !== undefined && namesBelow(list).includes(first)) return said('list', first);
  const near = nearest(first, namesBelow(program));
  return near && said(near, second, ...rest);
}

/** The noun for a word that is none; `isExtra`: the word itself was meant to come after it, as in `run send-report`. */
function nounMeant(program: Command, verb: Command, word: string): { word: string; isExtra: boolean } | undefined {
  const nouns = namesBelow(verb);
  const near = nearest(word, nouns);
  if (near !== undefined) return { word: near, isExtra: false };
  const [only, another] = nouns;
  if (only === undefined || another !== undefined) return undefined;
  const isNoun = program.commands.some((other) => childNamed(other, word) !== undefined);
  return { word: only, isExtra: !isNoun };
}

function childNamed(command: Command, name: string): Command | undefined {
  return command.commands.find((child) => child.name() === name);
}

function namesBelow(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((child) => child.name())
    .filter((name) => name !== 'help');
}
