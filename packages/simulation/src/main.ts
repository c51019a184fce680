/**
 * `npm run sim -- --seed N [--story]` replays one seed; `--seeds A..B [--first] [--threads T]` runs many, or until the
 * first that fails, and ends with the shortest story of the first failed one (`--brief`: without). Exits 1 when a promise
 * was broken.
 */
import { parseArgs } from 'node:util';
import { type FailedSeed, simulateMany } from './run/many-seeds.ts';
import { shortestStory } from './run/shortest-story.ts';
import { simulate } from './run/simulate.ts';

const PROGRESS_EVERY = 100;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    story: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});
const [first = '1', last = first] = (values.seeds ?? values.seed ?? '1').split('..');
const from = Number(first);
const to = Number(last);
const threads = values.threads === undefined ? undefined : Number(values.threads);
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from || !((threads ?? 1) >= 1)) {
  console.error('usage: sim --seed N [--story] | --seeds A..B [--first] [--brief] [--threads T]');
  process.exit(2);
}
const failed = values.seeds === undefined ? await one(from) : await many();
const [worst] = failed;
if (worst !== undefined && !values.brief && !values.story) await tellShortestStory(worst.seed);
process.exitCode = worst === undefined ? 0 : 1;

async function one(seed: number): Promise<FailedSeed[]> {
  const tell = (at: number, what: string): void => console.log(String(at).padStart(7), what);
  const outcome = await simulate(seed, values.story ? { tell } : {});
  console.log(JSON.stringify(outcome, null, 2));
  const [violation] = outcome.violations;
  if (violation === undefined) return [];
  report({ seed, violation });
  return [{ seed, violation }];
}

async function many(): Promise<FailedSeed[]> {
  const startedAt = performance.now();
  let failures = 0;
  const onSeed = (done: number, failure?: FailedSeed): void => {
    if (failure !== undefined) {
      failures += 1;
      report(failure);
    }
    if (done % PROGRESS_EVERY !== 0 && done !== to - from + 1) return;
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`${done} seeds, ${failures} failed, ${(done / seconds).toFixed(1)} seeds/s`);
  };
  const options = { from, to, untilFailure: values.first, onSeed };
  return simulateMany(threads === undefined ? options : { ...options, threads });
}

function report({ seed, violation: { at, invariant, what } }: FailedSeed): void {
  console.log(`seed ${seed} FAILED at ${at} ms: ${invariant}: ${what}`);
}

async function tellShortestStory(seed: number): Promise<void> {
  const story = await shortestStory(seed);
  if (story === null) return;
  const { violation, faults, firstJobs, lines } = story;
  console.log(
    `the shortest story of seed ${seed}, with no first jobs but ${firstJobs.join(', ') || '–'} and no faults but`,
  );
  console.log(`  ${JSON.stringify(faults)}`);
  for (const line of lines) console.log(line);
  console.log(`${String(violation.at).padStart(7)} BROKEN: ${violation.invariant}: ${violation.what}`);
}
