// Chaos by hand: npm run chaos -- [--seed N] [--minutes M] [--keep], or, on what is built already,
// node --conditions=x-source e2e/chaos/main.ts. Longer runs are cut into rounds, each with servers, processes and a seed of
// its own, so that history and memory stay bounded.
import { parseArgs } from 'node:util';
import { figureLines, violationLines } from './report.ts';
import { runChaos } from './run-chaos.ts';

const ROUND_MAX_MINUTES = 30;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
  },
});
const firstSeed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(firstSeed) || !(minutes > 0)) {
  console.error('chaos [--seed WHOLE_NUMBER] [--minutes MINUTES] [--keep]');
  process.exit(2);
}
let failed = 0;
for (let round = 0; round * ROUND_MAX_MINUTES < minutes; round += 1) {
  const seed = firstSeed + round;
  const roundMinutes = Math.min(ROUND_MAX_MINUTES, minutes - round * ROUND_MAX_MINUTES);
  console.log(`seed ${seed}, ${roundMinutes} minutes`);
  const startedAt = Date.now();
  const { violations, figures, folder } = await runChaos({
    seed,
    chaosMs: roundMinutes * 60_000,
    keep: values.keep,
    tell: (line) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${line}`),
  });
  for (const line of figureLines(figures)) console.log(line);
  for (const line of violationLines(violations, 20)) console.log(line);
  if (folder !== undefined) console.log(`history and logs: ${folder}`);
  failed += violations.length;
}
console.log(failed === 0 ? 'no violations' : `${failed} violations; again with --seed ${firstSeed}`);
process.exit(failed === 0 ? 0 : 1);
