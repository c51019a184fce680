/** `pnpm sim:mutations`: for each planted bug the first seed that catches it, as the table of the docs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';

const SEEDS_MAX = 150;
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const only = process.argv[2];

console.log('| planted bug | caught by seed | as |\n|---|---|---|');
for (const mutation of MUTATIONS) {
  if (only !== undefined && !mutation.name.includes(only)) continue;
  const result = spawnSync(
    process.execPath,
    [
      '--conditions=x-source',
      '--import',
      here('./plant.ts'),
      here('../main.ts'),
      '--seeds',
      `1..${SEEDS_MAX}`,
      '--first',
    ],
    { env: { ...process.env, SIM_MUTATION: mutation.name }, encoding: 'utf8' },
  );
  const [, seed, why] = /^seed (\d+) FAILED at \d+ ms: ([^:]*):/m.exec(result.stdout) ?? [];
  const answer =
    seed === undefined
      ? `| **none of ${SEEDS_MAX}** | ${result.stderr.split('\n').find((line) => line.includes('Error')) ?? ''} |`
      : `| ${seed} | ${why} |`;
  console.log(`| ${mutation.name} ${answer}`);
}
