/** Loaded with `--import`: plants the mutation named by SIM_MUTATION in its file, as the file is loaded. */
import { registerHooks } from 'node:module';
import { MUTATIONS } from './mutations.ts';

const name = process.env['SIM_MUTATION'];
const mutation = MUTATIONS.find((candidate) => candidate.name === name);
if (mutation === undefined) throw new Error(`no mutation is named "${name}"`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${mutation.file}`)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(mutation.find))
      throw new Error(`"${mutation.name}": its place in ${mutation.file} is gone; update the mutation`);
    return { ...loaded, source: source.replace(mutation.find, () => mutation.replace) };
  },
});
