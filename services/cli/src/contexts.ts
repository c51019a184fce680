import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { whileHolding } from './auth/exclusive-file.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure, usageFailure } from './failures.ts';
import { nearest } from './nearest.ts';
import { replaceFile, unusable } from './private-file.ts';

const fileSchema = z.object({
  version: z.literal(1),
  current: z.string().optional(),
  contexts: z.record(z.string(), z.object({ url: z.string() })),
});
type Content = z.output<typeof fileSchema>;

/** An API under a name of the user's own. */
export interface NamedApi {
  readonly name: string;
  readonly url: string;
  readonly isCurrent: boolean;
}

/** The APIs that the user has given names, in `contexts.json` of the configuration folder. */
export interface Contexts {
  list(): NamedApi[];
  /** Throws a `CliFailure` where there is none of that name. */
  urlOf(name: string): string;
  /** Address of the current context. */
  currentUrl(): string | undefined;
  set(name: string, url: string): Promise<'added' | 'changed'>;
  use(name: string): Promise<string>;
  delete(name: string): Promise<void>;
}

export function contextsIn(folder: string): Contexts {
  const path = join(folder, 'contexts.json');
  const read = (): Content => readContent(path);
  const change = async <T>(act: (content: Content) => T): Promise<T> => {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw unusable(folder, 'made', error);
    });
    return whileHolding(`${path}.lock`, async () => {
      const content = read();
      const result = act(content);
      await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
      return result;
    });
  };
  return {
    list: () => {
      const { contexts, current } = read();
      const names = Object.keys(contexts).toSorted();
      return names.map((name) => ({ name, url: contexts[name]?.url ?? '', isCurrent: name === current }));
    },
    urlOf: (name) => known(read(), name),
    currentUrl: () => {
      const { contexts, current } = read();
      return current === undefined ? undefined : contexts[current]?.url;
    },
    set: (name, url) =>
      change((content) => {
        const isNew = !Object.hasOwn(content.contexts, name);
        content.contexts[name] = { url };
        return isNew ? 'added' : 'changed';
      }),
    use: (name) =>
      change((content) => {
        const url = known(content, name);
        content.current = name;
        return url;
      }),
    delete: (name) =>
      change((content) => {
        known(content, name);
        delete content.contexts[name];
        if (content.current === name) delete content.current;
      }),
  };
}

function known({ contexts }: Content, name: string): string {
  const url = Object.hasOwn(contexts, name) ? contexts[name]?.url : undefined;
  if (url !== undefined) return url;
  const meant = nearest(name, Object.keys(contexts));
  const next = meant === undefined ? 'name an API with `context set NAME --url ADDRESS`.' : `did you mean ${meant}?`;
  throw usageFailure(`There is no context named ${name}: ${next}`);
}

function readContent(path: string): Content {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, contexts: {} };
    throw unusable(path, 'read', error);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (cause) {
    const sentence = `The contexts in ${path} are damaged: repair that file, or delete it and set them again.`;
    throw new CliFailure(EXIT.refused, sentence, { cause });
  }
}
