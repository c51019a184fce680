import { formatDuration } from '../values/duration.ts';
import { printableLines } from './printable.ts';
import { layOutPairs } from './table.ts';
import type { Times } from './times.ts';
import type { View } from './view.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** One thing, a field to a line, under the names that JSON output and the API use. */
export async function layOutDetails<T extends object>(view: View<T>, item: T, times: Times): Promise<string[]> {
  const fields = new Map<string, unknown>(Object.entries(item));
  const known = view.fieldOrder.filter((field) => fields.has(field));
  const names = [...known, ...[...fields.keys()].filter((field) => !view.fieldOrder.includes(field))];
  const shown = names.filter((field) => fields.get(field) !== undefined);
  const pairs = shown.map((field) => {
    const value = fields.get(field);
    const duration = view.durations[field];
    const text = duration === undefined ? told(value, times) : toldDuration(Number(value), duration.zeroMeans);
    return [printableLines(field), printableLines(text)] as const;
  });
  return layOutPairs(pairs);
}

function told(value: unknown, times: Times): string {
  if (typeof value === 'string') return INSTANT.test(value) ? times.atInFull(value) : value;
  if (isWords(value)) return value.join(', ');
  return typeof value === 'object' ? toldAsJson(value) : String(value);
}

/** A list like that of scopes reads best as one. */
function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => /^[\w:.-]+$/.test(String(word)));
}

/** On one line where that is short enough to be read at a glance. */
function toldAsJson(value: object | null): string {
  const line = JSON.stringify(value);
  return line.length <= 60 ? line : JSON.stringify(value, undefined, 2);
}

function toldDuration(ms: number, zeroMeans: string | undefined): string {
  return ms === 0 && zeroMeans !== undefined ? zeroMeans : formatDuration(ms);
}
