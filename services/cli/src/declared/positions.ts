import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';

/** Where the values of a YAML document stand in its file. */
export interface Positions {
  /** Line, from 1, of the value at a path; of what is around it where the file does not hold the path itself. */
  lineOf(path: readonly PropertyKey[]): number;
}

export function positionsIn(document: Document, lines: LineCounter): Positions {
  return {
    lineOf: (path) => {
      let at: unknown = document.contents;
      let offset = startOf(at) ?? 0;
      for (const segment of path) {
        const step = below(isAlias(at) ? at.resolve(document) : at, segment);
        if (step === undefined) break;
        offset = step.offset ?? offset;
        at = step.value;
      }
      return Math.max(1, lines.linePos(offset).line);
    },
  };
}

/** The value of a key starts where the key does: that is the line on which people look for it. */
function below(node: unknown, segment: PropertyKey): { offset: number | undefined; value: unknown } | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(segment)];
    return value === undefined ? undefined : { offset: startOf(value), value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(segment));
  return pair === undefined ? undefined : { offset: startOf(pair.key), value: pair.value };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
