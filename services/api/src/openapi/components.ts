type Json = { [key: string]: unknown };

/**
 * The generator writes each named schema twice, as it is read and as it is answered (`X` and `XInput`), whether it is
 * used or not. This keeps what is used, and the plain name where only one of the two is.
 */
export function tidyComponents<T extends object>(document: T): T {
  const { components, ...rest } = document as Json & { components?: Json };
  const schemas = (components?.['schemas'] ?? {}) as Json;
  const used = reachable(rest, schemas);
  const names = new Map([...used].map((name) => [name, plainName(name, used)]));
  const kept = Object.fromEntries([...used].sort().map((name) => [names.get(name), schemas[name]]));
  return renamed({ ...withOptionalBodies(rest), components: { ...components, schemas: kept } }, names) as T;
}

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: { readonly anyOf?: readonly { type?: unknown }[] } }>>;
}

/** A body that may be null may be left out; the generator writes that it is required. */
function withOptionalBodies(document: Json): Json {
  const paths = mapValues((document['paths'] ?? {}) as Json, (path) =>
    mapValues(path as Json, (operation) => {
      const body = (operation as { requestBody?: Body }).requestBody;
      const schemas = Object.values(body?.content ?? {}).map(({ schema }) => schema);
      const optional = schemas.some((schema) => schema?.anyOf?.some(({ type }) => type === 'null'));
      return optional ? { ...(operation as Json), requestBody: { ...body, required: false } } : operation;
    }),
  );
  return { ...document, paths };
}

const mapValues = (object: Json, change: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const PREFIX = '#/components/schemas/';

function plainName(name: string, used: ReadonlySet<string>): string {
  const plain = name.replace(/Input$/, '');
  return used.has(plain) ? name : plain;
}

function reachable(from: unknown, schemas: Json): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const name of referencesIn(value)) {
      if (found.has(name)) continue;
      found.add(name);
      open.push(schemas[name] ?? {});
    }
  }
  return found;
}

function referencesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith(PREFIX) ? [value.slice(PREFIX.length)] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(referencesIn);
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string' && value.startsWith(PREFIX)) {
    const name = value.slice(PREFIX.length);
    return PREFIX + (names.get(name) ?? name);
  }
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, names)]));
}
