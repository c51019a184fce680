import type { FastifyInstance } from 'fastify';

/** Which methods an address has: what a 405 says in `Allow`. */
export interface RouteTable {
  /** Sorted; empty where there is nothing at this address at all. */
  methodsOf(url: string): string[];
}

/** Remembers every route that is added to `app` from now on. */
export function recordRoutes(app: FastifyInstance): RouteTable {
  const methods = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const entry = methods.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const one of [method].flat()) entry.methods.add(one);
    methods.set(url, entry);
  });
  return {
    methodsOf: (url) => {
      const path = url.split(/[?#]/, 1)[0] ?? '';
      const found = [...methods.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap((entry) => [...entry.methods]))].sort();
    },
  };
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
