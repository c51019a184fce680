import { escapedInQuotes, hasUnsafe } from './printable.ts';

/** A value as JSON for people and programs, indented. */
export function jsonText(value: unknown): string {
  return escapedInQuotes(JSON.stringify(value, undefined, 2));
}

/** A value as YAML, ending in a line break. Text with unsafe characters is quoted, so that they can be written as escapes. */
export async function yamlText(value: unknown): Promise<string> {
  const { Document, isScalar, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && hasUnsafe(node.value) && !isPlainLines(node.value)) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return escapedInQuotes(document.toString({ lineWidth: 0 }));
}

/** Text of several lines without anything else to escape: YAML shows it best as a block. */
function isPlainLines(text: string): boolean {
  return !hasUnsafe(text.replaceAll('\n', ''));
}
