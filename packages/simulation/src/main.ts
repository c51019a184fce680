/**
 * `pnpm sim --seed N [--story]` replays one seed; `pnpm sim --seeds A..B [--first]` runs many, or until the first that
 * fails. Exits 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { simulate } from './run/simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    story: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
  },
});
const [first, last] = values.seeds === undefined ? [values.seed ?? '1', values.seed ?? '1'] : values.seeds.split('..');
const from = Number(first);
const to = Number(last);
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from) {
  console.error('usage: sim --seed N [--story] | --seeds A..B');
  process.exit(2);
}
const startedAt = performance.now();
let failed = 0;
for (let seed = from; seed <= to; seed += 1) {
  const outcome = await simulate(
    seed,
    values.story ? { tell: (at, what) => console.log(String(at).padStart(7), what) } : {},
  );
  if (from === to) console.log(JSON.stringify(outcome, null, 2));
  if (outcome.violations.length > 0) {
    failed += 1;
    const [violation] = outcome.violations;
    console.log(`seed ${seed} FAILED at ${violation?.at} ms: ${violation?.invariant}: ${violation?.what}`);
  }
  if (failed > 0 && values.first) break;
  if (to > from && (seed - from + 1) % 100 === 0) progress(seed - from + 1);
}
if (to > from) progress(to - from + 1);
process.exitCode = failed === 0 ? 0 : 1;

function progress(done: number): void {
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${done} seeds, ${failed} failed, ${(done / seconds).toFixed(1)} seeds/s`);
}
