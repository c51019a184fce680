const HIDDEN = '[redacted]';

const SECRET_KEYS =
  '(?:proxy-)?authorization|(?:set-)?cookie|pass(?:word|wd|phrase)?|(?:client_?)?secret|(?:access_?|refresh_?|id_?|bearer_?)?token|api_?key';

// Each expression runs over a whole log line, which may hold 64 KiB of someone's payload: none may take more than linear time.
const BY_KEY = new RegExp(`("(?:${SECRET_KEYS})":)"(?:[^"\\\\]|\\\\.)*"`, 'gi');
const URL_PASSWORD = /(:\/\/[^\s"'\\/?#:@]*):[^\s"'\\/?#]*@/g;
const BEARER = /\b(Bearer) +[\w.~+/=-]{20,}/gi;
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/**
 * A line of JSON without what must not be in a log: values of keys that name a secret, at any depth, passwords in
 * connection strings, and bearer tokens, also within messages and stack traces. Works on the text, as errors of drivers
 * carry such things in places that no list of paths would know.
 */
export function scrubLine(line: string): string {
  let clean = line;
  if (BY_KEY.test(clean)) clean = clean.replace(BY_KEY, `$1"${HIDDEN}"`);
  if (clean.includes('://')) clean = clean.replace(URL_PASSWORD, '$1:***@');
  if (clean.includes('earer ') || clean.includes('EARER ')) clean = clean.replace(BEARER, `$1 ${HIDDEN}`);
  if (clean.includes('eyJ')) clean = clean.replace(JWT, HIDDEN);
  return clean;
}
