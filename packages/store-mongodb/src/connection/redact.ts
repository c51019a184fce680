/** Replaces secrets in a text that people will read. */
export type Redact = (text: string) => string;

const MASK = '***';
const SECRET_OPTION = /(?:password|token|secret)[^=]*=([^&]*)/gi;

/** Hides what a connection string keeps secret: passwords, and options that are named like one. */
export function redactorFor(connectionString: string): Redact {
  const secrets = secretsOf(connectionString);
  return (text) => {
    let redacted = text;
    for (const secret of secrets) redacted = redacted.replaceAll(secret, MASK);
    return redacted.replace(/(\/\/)[^\s/@]*@/g, `$1${MASK}@`);
  };
}

/** Longest first, so that no part of one is left over. Shorter ones than this would hide half of any message. */
const SECRET_CHARS_MIN = 3;

function secretsOf(connectionString: string): string[] {
  const afterScheme = connectionString.slice(connectionString.indexOf('://') + 3);
  const found = new Set<string>();
  const first = afterScheme.indexOf('@');
  const last = afterScheme.lastIndexOf('@');
  if (first >= 0) {
    addPassword(found, afterScheme.slice(0, first));
    // A password with an unescaped `@` is cut in pieces by whoever parses it, and the pieces end up as host names.
    if (last > first)
      for (const piece of afterScheme
        .slice(0, last)
        .split(/[@:/?#,]/)
        .slice(1))
        add(found, piece);
  }
  for (const [, value] of afterScheme.matchAll(SECRET_OPTION)) add(found, value ?? '');
  return [...found].sort((a, b) => b.length - a.length);
}

function addPassword(found: Set<string>, userInfo: string): void {
  const colon = userInfo.indexOf(':');
  if (colon >= 0) add(found, userInfo.slice(colon + 1));
}

function add(found: Set<string>, secret: string): void {
  for (const form of [secret, decoded(secret)]) if (form.length >= SECRET_CHARS_MIN) found.add(form);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
