/** The values at a path of names with dots between them; those of each element where an array lies on the way. */
export function valuesAt(measured: unknown, path: string): unknown[] {
  let found: unknown[] = [measured];
  for (const name of path.split('.'))
    found = found
      .flatMap((value) => value) // elements of arrays
      .flatMap((value) =>
        typeof value === 'object' && value !== null && name in value ? [(value as Record<string, unknown>)[name]] : [],
      );
  return found.filter((value) => value !== undefined);
}

/** The number at a path; undefined where there is none. */
export function numberAt(measured: unknown, path: string): number | undefined {
  const [value] = valuesAt(measured, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
