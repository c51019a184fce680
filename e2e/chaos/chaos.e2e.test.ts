import { expect, it } from 'vitest';
import { figureLines, violationLines } from './report.ts';
import { runChaos } from './run-chaos.ts';

const SEED = 20_260;
const CHAOS_MS = 180_000;

// Longer runs and other seeds: npm run chaos -- --seed N --minutes M
it('keeps its promises for three minutes of chaos', { timeout: 400_000 }, async () => {
  const lines: string[] = [];
  const { violations, figures, folder } = await runChaos({
    seed: SEED,
    chaosMs: CHAOS_MS,
    tell: (line) => lines.push(`${new Date().toISOString()} ${line}`),
  });
  console.log([...lines, ...figureLines(figures)].join('\n'));
  expect(violations, `${violationLines(violations).join('\n')}\nhistory and logs: ${folder}`).toEqual([]);
  expect(figures.due).toBeGreaterThan(10_000);
  expect(figures.recoveries.length).toBeGreaterThan(8);
  // Faults that were reached, else the checks have proved little.
  expect(figures.attemptsLost).toBeGreaterThan(0);
  expect(figures.comparisons).toBeGreaterThan(1_000);
});
