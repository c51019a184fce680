import { parseSync, Visitor } from 'rolldown/utils';

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Every module that a source names: imports, re-exports, `import()` of a literal, and types such as `import('x').Y`. */
export function importsOf(file: string, source: string): Import[] {
  const { module, program, errors } = parseSync(file, source);
  const fatal = errors.find((error) => error.severity === 'Error');
  if (fatal !== undefined) throw new Error(`${file} does not parse: ${fatal.message}`);
  const found: { specifier: string; start: number }[] = [];
  const add = (specifier: unknown, start: number): void => {
    if (typeof specifier === 'string') found.push({ specifier, start });
  };
  for (const { moduleRequest, start } of module.staticImports) add(moduleRequest.value, start);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, start } of entries) if (moduleRequest !== null) add(moduleRequest.value, start);
  }
  new Visitor({
    ImportExpression: ({ source: target, start }) => {
      if (target.type === 'Literal') add(target.value, start);
    },
    TSImportType: ({ source: target, start }) => add(target.value, start),
  }).visit(program);
  const unique = new Map<string, Import>();
  for (const { specifier, start } of found) {
    const line = source.slice(0, start).split('\n').length;
    if (!unique.has(specifier)) unique.set(specifier, { specifier, line });
  }
  return [...unique.values()];
}
