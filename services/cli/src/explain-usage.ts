import type { CommanderError } from 'commander';
import { nearest } from './nearest.ts';

/** What is said of a command line that commander refused; `command` is the one whose help tells more. */
export function usageSentence(error: CommanderError, around: { command: string; meant: string | undefined }): string {
  const text = inOurWords(
    error.message
      .replace(/^error: /, '')
      .replaceAll('\n', ' ')
      .trim(),
  );
  const isUnknown = error.code === 'commander.unknownCommand';
  const meant = isUnknown && around.meant !== undefined ? `: did you mean \`${around.meant}\`?` : '';
  const sentence = meant === '' ? text : `${text.replace(/ \(Did you mean .*$/, '')}${meant}`;
  const end = /[.?)]$/.test(sentence) ? '' : '.';
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${end} See \`${around.command} --help\`.`;
}

const VALUE_OF_OPTION =
  /^option '(?:-\w, )?(?<what>--[\w-]+)[^']*' (?:argument|value) '(?<value>.*)'(?: from env '(?<from>\w+)')? is invalid\. (?<hint>.*)$/s;
const VALUE_OF_ARGUMENT =
  /^command-argument value '(?<value>.*)' is invalid for argument '(?<what>\w+)'\. (?<hint>.*)$/s;
const CHOICES = /^(?:Allowed choices are|Give one or more of) (?<choices>.+)\.$/;

function inOurWords(text: string): string {
  const missing = /^option '(?:-\w, )?(--[\w-]+) [^']*' argument missing$/.exec(text);
  if (missing !== null) return `${missing[1]} needs a value`;
  const { value, what, from, hint } = (VALUE_OF_OPTION.exec(text) ?? VALUE_OF_ARGUMENT.exec(text))?.groups ?? {};
  if (value === undefined || hint === undefined) return text;
  const choices = CHOICES.exec(hint)?.groups?.['choices']?.split(', ') ?? [];
  const meant = nearest(value, choices);
  const where = from === undefined ? '' : ` in ${from}`;
  return `"${value}"${where} is no value for ${what}${meant === undefined ? '.' : `: did you mean ${meant}?`} ${hint}`;
}
