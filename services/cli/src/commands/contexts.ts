import type { Context } from '../context.ts';
import { usageFailure } from '../failures.ts';
import type { NamedApi } from '../contexts.ts';
import type { View } from '../output/view.ts';
import { forEachOf } from './naming.ts';

interface ShownApi extends NamedApi {
  /** How it was logged in to; absent without a login. */
  readonly login?: string;
}

const contextView: View<ShownApi> = {
  plural: 'contexts',
  name: ({ name }) => name,
  columns: [
    { title: '', cell: ({ isCurrent }) => (isCurrent ? '*' : ''), tone: () => 'good' },
    { title: 'NAME', cell: ({ name }) => name, shrinksTo: 10 },
    { title: 'URL', cell: ({ url }) => url, shrinksTo: 20 },
    { title: 'LOGIN', cell: ({ login }) => login ?? '', yields: 1 },
  ],
  fieldOrder: ['name', 'url', 'isCurrent', 'login'],
  durations: {},
};

export async function listContexts(context: Context): Promise<void> {
  const shown: ShownApi[] = [];
  for (const api of context.contexts.list()) {
    const login = await context.credentials.recall(api.url);
    shown.push(login?.keptIn === undefined ? api : { ...api, login: login.flow });
  }
  const count = await context.print.list(contextView, shown);
  if (count === 0)
    context.hint(`No contexts. Name an API with \`${context.io.program} context set NAME --url ADDRESS\`.`);
}

export async function setContext(context: Context, name: string, url: string | undefined): Promise<void> {
  if (url === undefined) throw usageFailure('Give the address of the API with --url.');
  const what = await context.contexts.set(name, url);
  await context.print.done([{ name, action: what }]);
  context.hint(
    `${what === 'added' ? 'Added' : 'Changed'} ${name}. Use it with \`${context.io.program} context use ${name}\`, or for one command with --context ${name}.`,
  );
}

export async function useContext(context: Context, name: string): Promise<void> {
  const url = await context.contexts.use(name);
  await context.print.done([{ name, action: 'chosen' }]);
  context.hint(`Using ${name}, ${url}.`);
  const overriding = ['SIMPLE_SCHEDULER_URL', 'SIMPLE_SCHEDULER_CONTEXT'].find((variable) => context.io.env[variable]);
  if (overriding !== undefined)
    context.say(`Warning: ${overriding} is set, and is used instead of the current context.`);
}

export async function deleteContexts(context: Context, names: readonly string[]): Promise<void> {
  const deleteOne = async (name: string) => {
    await context.contexts.delete(name);
    context.hint(`Deleted ${name}; a login to its address is kept until you log out.`);
    return { name, action: 'deleted' };
  };
  await forEachOf(names, deleteOne, (done) => context.print.done(done));
}
