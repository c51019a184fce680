import { Help } from 'commander';

/** A message for a terminal, broken between words; what is to be copied (in backticks) stays in one piece. */
export function wrapped(sentence: string, columns: number | undefined): string {
  if (columns === undefined) return sentence;
  const glued = sentence.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(' ', GLUE));
  return new Help().boxWrap(glued, columns).replaceAll(GLUE, ' ');
}

/** Stands for a blank that no line may end at; nothing printable holds it. */
const GLUE = '\u0000';
