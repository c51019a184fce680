const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Array.from('"\\[]{}', (char) =>
  char.charCodeAt(0),
);

/**
 * Whether lists and objects of this JSON text (its bytes in UTF-8) are nested more than `max` levels deep. Functions that go through JSON
 * call themselves for each level, and some thousands of levels are more than the stack holds. Goes through the bytes once; what
 * is no JSON gives any answer.
 */
export function isNestedDeeper(body: Uint8Array, max: number): boolean {
  // Each level takes two bytes at least: most messages need no further look.
  if (body.length <= 2 * max) return false;
  let depth = 0;
  let isText = false;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i];
    if (isText) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > max) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}
