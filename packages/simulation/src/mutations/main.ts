/**
 * `npm run sim:mutations [-- NAME]`: for each planted bug the first seed that catches it, as the table of the docs.
 * `--write` records the seeds in `mutations.ts` and the table in `docs/RELIABILITY.md`, after a change of the engine or of
 * the simulation has moved what happens in which seed.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Mutation, MUTATIONS } from './mutations.ts';

const SEEDS_MAX = 400;
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const TABLE_HEAD = '| planted bug | caught by seed | as |\n|---|---|---|\n';

interface Catch {
  readonly name: string;
  readonly seed: number;
  readonly invariant: string;
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [only = ''] = positionals;
const catches = await catchAll(MUTATIONS.filter(({ name }) => name.includes(only)));
console.log(TABLE_HEAD + catches.map(rowOf).join('\n'));
const missed = MUTATIONS.filter(({ name }) => name.includes(only) && !catches.some((each) => each.name === name));
for (const { name } of missed) console.log(`none of ${SEEDS_MAX} seeds notices: ${name}`);
if (values.write) record(catches);
process.exitCode = missed.length === 0 ? 0 : 1;

/** In the order of the list, as many at a time as there are cores. */
async function catchAll(mutations: readonly Mutation[]): Promise<Catch[]> {
  const found = new Map<string, Catch>();
  const queue = mutations.values();
  const work = async (): Promise<void> => {
    for (const { name } of queue) {
      const caught = await catchOne(name);
      if (caught !== undefined) found.set(name, caught);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return mutations.flatMap(({ name }) => found.get(name) ?? []);
}

async function catchOne(name: string): Promise<Catch | undefined> {
  const range = ['--seeds', `1..${SEEDS_MAX}`, '--first', '--brief', '--threads', '1'];
  const child = spawn(
    process.execPath,
    ['--conditions=x-source', '--import', here('./plant.ts'), here('../main.ts'), ...range],
    { env: { ...process.env, SIM_MUTATION: name }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) output += text;
  const [, seed, invariant] = /^seed (\d+) FAILED at \d+ ms: ([^:]*):/m.exec(output) ?? [];
  return seed === undefined ? undefined : { name, seed: Number(seed), invariant: invariant as string };
}

function rowOf({ name, seed, invariant }: Catch): string {
  return `| ${name} | ${seed} | ${invariant} |`;
}

function record(all: readonly Catch[]): void {
  const [list, docs] = [here('./mutations.ts'), here('../../../../docs/RELIABILITY.md')];
  let source = readFileSync(list, 'utf8');
  for (const { name, seed } of all) {
    const at = source.indexOf(`name: '${name}'`);
    source = source.slice(0, at) + source.slice(at).replace(/seed: \d+/, `seed: ${seed}`);
  }
  writeFileSync(list, source);
  writeFileSync(docs, withRows(readFileSync(docs, 'utf8'), all));
}

/** The text with the table as the list has it: bugs that were not looked at keep their rows, those that are gone lose them. */
function withRows(text: string, all: readonly Catch[]): string {
  const from = text.indexOf(TABLE_HEAD) + TABLE_HEAD.length;
  const to = text.indexOf('\n\n', from);
  const rows = text.slice(from, to).split('\n');
  const table = MUTATIONS.flatMap(({ name }) => {
    const caught = all.find((each) => each.name === name);
    return caught ? rowOf(caught) : rows.filter((row) => row.startsWith(`| ${name} |`));
  });
  return text.slice(0, from) + table.join('\n') + text.slice(to);
}
