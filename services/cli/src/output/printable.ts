/**
 * Characters that must not reach a terminal as they are: control characters (they move the cursor, change colours, ring),
 * line separators, and those that turn the direction of writing, which can make one text look like another.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/gu;
/** The same without the line break, for text that has been laid out already. */
const UNSAFE_BUT_LINE_BREAK = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text for one line of a terminal: what is unsafe is written as an escape. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (c) => SHORT[c] ?? escape(c));
}

/** As `printable`, with its line breaks kept. */
export function printableLines(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE_BUT_LINE_BREAK, (c) => SHORT[c] ?? escape(c));
}

/** For JSON and quoted YAML, which read such an escape as the character that it stands for. */
export function escapedInQuotes(text: string): string {
  return text.replace(UNSAFE_BUT_LINE_BREAK, escape);
}

export function hasUnsafe(text: string): boolean {
  return text.search(UNSAFE) >= 0;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
