/** AMQP's topic rule: words between dots, `*` stands for one word, `#` for any number of them, none included. */
export function topicMatches(pattern: string, routingKey: string): boolean {
  if (pattern === '#' || pattern === routingKey) return true;
  return matchWords(pattern.split('.'), routingKey.split('.'));
}

function matchWords(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') {
    for (let skipped = 0; skipped <= words.length; skipped++) {
      if (matchWords(rest, words.slice(skipped))) return true;
    }
    return false;
  }
  return words.length > 0 && (first === '*' || first === words[0]) && matchWords(rest, words.slice(1));
}
