// Every check of the project, one after another, each to its end even if an earlier one failed. The last line printed is
// `N passed, N failed`; what is not a test counts as one.
import {
  isProject,
  type ProjectName,
  parseTestArguments,
  type StepName,
  type TestArguments,
  USAGE,
} from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { obtainResources, type Resources } from './resources.ts';
import { FAILED, lineOf, PASSED, sum, type Tally } from './tally.ts';
import { runProject } from './vitest-project.ts';

const MINUTE_MS = 60_000;

const CHECKS: Readonly<Record<Exclude<StepName, ProjectName>, Command>> = {
  format: { command: 'biome', args: ['format', '.'], timeLimitMs: MINUTE_MS },
  lint: { command: 'oxlint', args: ['--type-aware'], timeLimitMs: 3 * MINUTE_MS },
  build: {
    command: 'turbo',
    args: ['run', 'build', '--output-logs=errors-only', '--continue'],
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' },
    timeLimitMs: 5 * MINUTE_MS,
  },
  types: { command: 'tsc', args: ['-p', 'tsconfig.json'], timeLimitMs: 3 * MINUTE_MS },
  imports: { command: process.execPath, args: ['scripts/imports/check.ts'], timeLimitMs: MINUTE_MS },
};

const TIME_LIMIT_MS: Readonly<Record<ProjectName, number>> = {
  unit: 5 * MINUTE_MS,
  sim: 5 * MINUTE_MS,
  integration: 8 * MINUTE_MS,
  e2e: 20 * MINUTE_MS, // the chaos run alone takes five
};

const isOnServers = (step: StepName): boolean => step === 'integration' || step === 'e2e';

async function main({ steps, filters }: TestArguments): Promise<Tally> {
  // Servers take a while to come up, and nothing before the integration tests wants them. A selection of files may not
  // want them at all: then each is obtained when a test asks for it.
  const resources = steps.some(isOnServers) && filters.length === 0 ? obtainResources() : undefined;
  resources?.catch(() => {}); // told where they are needed
  const tallies: Tally[] = [];
  try {
    for (const step of steps) {
      const startedAt = performance.now();
      console.log(`\n── ${step} ${'─'.repeat(Math.max(0, 70 - step.length))}`);
      const tally = isProject(step) ? await testsOf(step, filters, resources) : await check(CHECKS[step]);
      tallies.push(tally);
      console.log(`${step}: ${lineOf(tally)} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    }
  } finally {
    await resources?.then(
      ({ stop }) => stop(),
      () => {},
    );
  }
  return sum(tallies);
}

async function check(command: Command): Promise<Tally> {
  return (await runCommand(command)) === 0 ? PASSED : FAILED;
}

async function testsOf(
  project: ProjectName,
  filters: readonly string[],
  resources: Promise<Resources> | undefined,
): Promise<Tally> {
  let env: Readonly<Record<string, string>> = {};
  if (isOnServers(project) && resources !== undefined) {
    try {
      env = (await resources).env;
    } catch (error) {
      console.error(`Not run, since what it needs cannot be had. ${(error as Error).message}`);
      return FAILED;
    }
  }
  return runProject({ project, filters, env, timeLimitMs: TIME_LIMIT_MS[project] });
}

let testArguments: TestArguments;
try {
  testArguments = parseTestArguments(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
// What this process started ends with it; it only has to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const startedAt = performance.now();
const tally = await main(testArguments);
console.log(`\nall of it took ${((performance.now() - startedAt) / MINUTE_MS).toFixed(1)} minutes\n${lineOf(tally)}`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
