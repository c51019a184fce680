import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@simple-scheduler/contracts';
import { Chance } from './chance.ts';
import { runFact, type History, type Violation } from './check/history.ts';
import { judge } from './check/judge.ts';
import { Sightings } from './check/sightings.ts';
import { jobFact } from './load/job-facts.ts';
import { startUsers } from './load/users.ts';
import { type FaultRecord, letNemesisLoose } from './nemesis/nemesis.ts';
import type { Targets } from './nemesis/plan.ts';
import type { Figures } from './report.ts';
import { setStage, type Stage } from './stage.ts';
import { allRuns, type Pausing, pauseAll, untilDrained, untilOnTime } from './watch/drain.ts';
import { readJournals } from './watch/journals.ts';
import { startSampler } from './watch/sampler.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long the nemesis is at it. */
  readonly chaosMs: number;
  readonly tell: (line: string) => void;
  /** Keeps history and logs also where nothing was violated. */
  readonly keep?: boolean;
}

export interface ChaosResult {
  readonly violations: readonly Violation[];
  readonly figures: Figures;
  /** Where history and logs are, if they were kept. */
  readonly folder?: string;
}

/** Peace before the first fault; the broker's quorum queues must be older than some seconds before it goes. */
const QUIET_MS = 8_000;
/** Peace after the last, to see whether it lasts. */
const CALM_MS = 4_000;

/** One run of chaos and its judgement. Rejects only where the stage cannot be set or the end cannot be read. */
export async function runChaos({ seed, chaosMs, tell: say, keep = false }: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), `simple-scheduler-chaos-${seed}-`));
  const lines: string[] = [];
  const tell = (line: string): void => {
    lines.push(`${new Date().toISOString()} ${line}`);
    say(line);
  };
  try {
    await using stage = await setStage({ folder, seed, chance: new Chance(seed, 'jobs') });
    tell(`stage set: ${stage.jobs.length} jobs, ${stage.cast.actors.length} processes; logs in ${folder}`);
    const { violations, figures, history } = await play(stage, { seed, chaosMs, tell });
    if (violations.length === 0 && !keep) {
      rmSync(folder, { recursive: true });
      return { violations, figures };
    }
    writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
    writeFileSync(join(folder, 'violations.json'), JSON.stringify(violations, null, 2));
    return { violations, figures, folder };
  } finally {
    if (lines.length > 0) keepLines(folder, lines);
  }
}

/** The folder may be gone by now, which says that nothing in it is of interest. */
function keepLines(folder: string, lines: readonly string[]): void {
  try {
    writeFileSync(join(folder, 'nemesis.log'), `${lines.join('\n')}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

interface Played {
  readonly violations: Violation[];
  readonly figures: Figures;
  readonly history: History;
}

async function play(stage: Stage, { seed, chaosMs, tell }: ChaosOptions): Promise<Played> {
  const { client } = stage.cast;
  const sightings = new Sightings();
  const sampler = startSampler(client, sightings, new Chance(seed, 'sampler'));
  const idle = stage.jobs.filter(({ interval }) => interval === undefined).map(({ name }) => name);
  const users = startUsers(client, idle, new Chance(seed, 'users'));
  await sleep(Math.max(0, stage.firstTickAt - Date.now()) + QUIET_MS);
  await untilOnTime(client);

  tell('the nemesis is let loose');
  const startedAt = Date.now();
  const options = { seed, targets: targetsOf(stage), untilAt: startedAt + chaosMs, tell };
  const faults = await letNemesisLoose(stage, options);
  const chaosTookMs = Date.now() - startedAt;
  tell('all is healed');
  const { settledMs, runs, pausings, violations } = await calmDown(stage, users, tell);
  await sampler.stop();
  const exits = await endAll(stage);
  const history = await historyOf(stage, { runs, pausings, faults, asked: users.asked });
  tell('judging');
  const judged = judge(history);
  return {
    violations: [
      ...violations,
      ...exits,
      ...withoutEffect(faults),
      ...users.refusals.map((what) => ({ check: 'answers hold', what })),
      ...sightings.conclude(runs, Date.now()),
      ...judged.violations,
    ],
    figures: {
      ...judged.figures,
      seed,
      chaosMs: chaosTookMs,
      looks: sightings.looks,
      comparisons: sightings.comparisons,
      settledMs,
    },
    history,
  };
}

function targetsOf({ cast }: Stage): Targets {
  const named = (role: keyof Targets): string[] => cast.withRole(role).map(({ name }) => name);
  return { scheduler: named('scheduler'), custodian: named('custodian'), api: named('api'), worker: named('worker') };
}

/** From the last heal to the end of the last run: what must come about by itself now that nothing is wrong. */
async function calmDown(
  { cast, servers, jobs }: Stage,
  users: { stop(): Promise<void> },
  tell: ChaosOptions['tell'],
): Promise<{ settledMs: number; runs: Run[]; pausings: Map<string, Pausing>; violations: Violation[] }> {
  const violations: Violation[] = [];
  const orViolated = async <T>(what: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await what;
    } catch (error) {
      violations.push({ check: 'all is well in the end', what: (error as Error).message });
      return otherwise;
    }
  };
  await Promise.all(cast.actors.map((actor) => actor.start())); // those that ended by themselves, if any
  const settledMs = await orViolated(untilOnTime(cast.patientClient), Number.POSITIVE_INFINITY);
  await users.stop();
  tell('ticks are on time again, users are content');
  await sleep(CALM_MS);
  const scheduled = jobs.filter(({ interval }) => interval !== undefined).map(({ name }) => name);
  const pausings = await pauseAll(cast.patientClient, scheduled);
  tell('all jobs are paused');
  const deadLetters = await orViolated(untilDrained(cast.patientClient, servers.rabbitmq), 0);
  if (deadLetters > 0)
    violations.push({ check: 'no dead letters', what: `${deadLetters} messages, though all are valid` });
  const runs = await allRuns(cast.patientClient);
  tell(`drained: ${runs.length} runs`);
  return { settledMs, runs, pausings, violations };
}

/** Ends every process in order; what ended before, or otherwise, is a violation. */
async function endAll({ cast }: Stage): Promise<Violation[]> {
  const codes = await Promise.all(cast.actors.map(async (actor) => ({ actor, code: await actor.stop() })));
  return codes.flatMap(({ actor, code }) => [
    ...actor.unasked.map((what) => ({ check: 'no process ends by itself', what })),
    ...(code === 0 ? [] : [{ check: 'SIGTERM ends in order', what: `${actor.name} ended with ${code}` }]),
  ]);
}

const withoutEffect = (faults: readonly FaultRecord[]): Violation[] =>
  faults
    .filter(({ effect }) => effect === undefined)
    .map(({ what }) => ({
      check: 'faults have an effect',
      what: `${what} had none: the run proves less than it says`,
    }));

async function historyOf(
  { cast, jobs }: Stage,
  rest: {
    runs: readonly Run[];
    pausings: Map<string, Pausing>;
    faults: readonly FaultRecord[];
    asked: History['asked'];
  },
): Promise<History> {
  const { receipts, sayings } = await readJournals(cast.journals);
  return {
    jobs: jobs.map((job) => jobFact(job, rest.pausings.get(job.name))),
    runs: rest.runs.map(runFact),
    receipts,
    sayings,
    faults: rest.faults.map(({ fault, what, beganAt, healedAt }) => ({ kind: fault.kind, what, beganAt, healedAt })),
    asked: rest.asked,
  };
}
