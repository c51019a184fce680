import { escapedInQuotes, hasUnsafe } from './printable.ts';

/** A value as JSON for people and programs, indented. */
export function jsonText(value: unknown): string {
  return escapedInQuotes(JSON.stringify(value, undefined, 2));
}

/**
 * A value as YAML, ending in a line break. Text with unsafe characters is quoted, so that they can be written as escapes;
 * so is what readers of YAML 1.1, which many still are, would take for something else: `no`, `2026-01-01`, `1:30`.
 */
export async function yamlText(value: unknown): Promise<string> {
  const { Document, isScalar, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar: (_key, node) => {
      if (!isScalar(node) || typeof node.value !== 'string') return;
      // `=` stands for a default in YAML 1.1, which `compat` does not know of.
      if (node.value === '=' || (hasUnsafe(node.value) && !isPlainLines(node.value))) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escapedInQuotes(document.toString({ lineWidth: 0 }));
}

/** Text of several lines without anything else to escape: YAML shows it best as a block. */
function isPlainLines(text: string): boolean {
  return !hasUnsafe(text.replaceAll('\n', ''));
}
