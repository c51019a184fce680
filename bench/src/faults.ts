import type { Result } from './report.ts';
import { type Parameters, repeats, type WorkloadName } from './parameters.ts';
import { valuesAt } from './values.ts';
import { RUNS_PER_JOB } from './workloads/lists.ts';

/**
 * What must not be in any result of a workload that was not overloaded: a tick that was lost or doubled, a run that did not
 * end, a request that was refused, a figure that is none. Times are not judged here.
 */
export function faultsOf({
  workload,
  parameters,
  measured,
}: Pick<Result, 'workload' | 'parameters' | 'measured'>): string[] {
  const faults: string[] = [];
  const { jobs } = parameters;
  const expect = (path: string, ...allowed: readonly unknown[]): void => {
    const found = valuesAt(measured, path);
    if (found.length === 0) faults.push(`${path} is missing`);
    for (const value of found)
      if (!allowed.includes(value)) faults.push(`${path} is ${JSON.stringify(value)}, not ${allowed.join(' or ')}`);
  };
  const expectNumber = (path: string, least = 0): void => {
    const found = valuesAt(measured, path);
    if (found.length === 0) faults.push(`${path} is missing`);
    for (const value of found)
      if (typeof value !== 'number' || !(value >= least) || !Number.isFinite(value))
        faults.push(`${path} is ${JSON.stringify(value)}, no number from ${least}`);
  };
  const expectTicks = (of = ''): void => {
    for (const kind of ['missed', 'doubled']) expect(`${of}ticks.${kind}`, 0);
    expectNumber(`${of}ticks.expected`, 1);
  };
  const expectWhole = (): void => {
    expectTicks();
    for (const share of ['p50', 'p99', 'max']) expectNumber(`latenessMs.${share}`);
  };
  const expectCompleted = (): void => expect('completed', ...valuesAt(measured, 'ticks.expected'));
  CHECKS[workload]({
    jobs,
    measured,
    faults,
    expect,
    expectNumber,
    expectTicks,
    expectWhole,
    expectCompleted,
    load: parameters.load,
    repeats: repeats(parameters),
  });
  return faults;
}

interface Checks {
  readonly jobs: number;
  readonly measured: Result['measured'];
  readonly faults: string[];
  readonly load: Parameters['load'];
  readonly repeats: boolean;
  expect(path: string, ...allowed: readonly unknown[]): void;
  expectNumber(path: string, least?: number): void;
  /** `of`: a path, with a dot at its end. */
  expectTicks(of?: string): void;
  expectWhole(): void;
  expectCompleted(): void;
}

function checkPunctuality({ expect, expectNumber, expectWhole, expectCompleted }: Checks): void {
  expectWhole();
  expectCompleted();
  expect('skipped', 0);
  expectNumber('runsPerSecond', 1);
}

function checkLimit(checks: Checks): void {
  checks.expectNumber('jobs', 1);
  checks.expectNumber('trials.jobs', 1);
  checkPunctuality(checks);
}

/** Where the figures of the second burst are, and those of the first. */
const BURSTS = ['', 'first.'] as const;

function checkBursts({ expectNumber, expectTicks, expectWhole }: Checks): void {
  expectWhole();
  expectTicks('first.');
  for (const burst of BURSTS)
    for (const figure of ['allReceivedMs', 'allCompletedMs', 'cpuMsPer1000Runs.all']) expectNumber(`${burst}${figure}`);
}

/** What was still under way at the end of the warm-up and of the full load was not counted as answered. */
const UNDER_WAY = 2 * 50;

function checkApi({ measured, faults, expect, expectNumber }: Checks): void {
  for (const route of ['job', 'run', 'runNow'])
    for (const load of route === 'runNow' ? ['full', 'half'] : ['full', 'half', 'bare', 'bareAlike']) {
      expectNumber(`${route}.${load}.answered`, 1);
      expectNumber(`${route}.${load}.latencyMs.p99`);
      for (const kind of ['refused', 'errors']) expect(`${route}.${load}.${kind}`, 0);
    }
  const [answered, created, published] = ['answered', 'created', 'published'].map((name) =>
    Number(valuesAt(measured, `runNow.${name}`)[0] ?? Number.NaN),
  ) as [number, number, number];
  if (!(created >= answered && created <= answered + UNDER_WAY))
    faults.push(`runNow: ${answered} were answered, ${created} created`);
  if (!(published >= answered && published <= created + UNDER_WAY))
    faults.push(`runNow: ${answered} were answered, ${published} published`);
}

const CHECKS: Readonly<Record<WorkloadName, (checks: Checks) => void>> = {
  floor: ({ expectNumber }) => {
    for (const figure of ['pieceMs.p50', 'pieceMs.p99', 'slowPercent']) expectNumber(`processor.${figure}`);
    for (const kind of ['classic', 'quorum'])
      for (const way of ['published', 'consumed', 'bothWays']) expectNumber(`rabbitmq.${kind}.${way}PerSecond`, 1);
    for (const trip of ['threePerRun', 'twoPerRun']) expectNumber(`${trip}.messagesPerSecond`, 1);
    for (const write of ['singleInserts', 'inserted', 'bulkUpdated', 'groupUpdated'])
      expectNumber(`mongodb.${write}PerSecond`, 1);
    expectNumber('writes.runsPerSecond', 1);
  },
  w1: checkPunctuality,
  limit: checkLimit,
  w7: checkLimit,
  w2: (checks) => {
    checkBursts(checks);
    for (const burst of BURSTS) checks.expect(`${burst}completed`, checks.jobs);
  },
  w3: ({ expect, expectNumber, expectWhole, expectCompleted }) => {
    expectWhole();
    expectCompleted();
    expect('skipped', 0);
    expectNumber('heldByVictim', 1);
    for (const time of ['gapMs', 'longestSilenceMs']) expectNumber(time);
  },
  w4: ({ jobs, expect, expectNumber }) => {
    for (const count of ['restarted', 'completed']) expect(count, jobs);
    expect('receipts', 2 * jobs);
    expect('early', 0);
    expectNumber('silenceMs.p99', 1);
  },
  w5: ({ expectNumber }) => {
    for (const memory of ['whenHeld', 'idle']) expectNumber(`residentMiB.${memory}`, 1);
    for (const figure of ['idleCpuPercent', 'readyMs', 'soonestServedMs', 'allHeldMs', 'allFreeMs'])
      expectNumber(figure);
  },
  w6: checkApi,
  lists: ({ jobs, expect, expectNumber }) => {
    for (const count of ['rows', 'distinct']) {
      expect(`walks.jobs.${count}`, jobs);
      expect(`walks.runs.${count}`, jobs * RUNS_PER_JOB);
    }
    expectNumber('allMs.p99');
    expectNumber('worstP99Ms.p99');
  },
  peers: (checks) => {
    if (checks.load === 'limit') for (const jobs of ['jobs', 'trials.jobs']) checks.expectNumber(jobs, 1);
    if (checks.load === 'w2') checkBursts(checks);
    else if (checks.repeats) checks.expect('ticks.doubled', 0);
    else checks.expectWhole();
    checks.expectNumber('latenessMs.p99');
  },
};
