import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { admit, newRun, NO_PLACES, promoted } from '../admission/index.ts';
import { misfireRecord } from '../admission/new-run.ts';
import type { JobRecord, RunRecord } from '../records/index.ts';
import { changeBetween, isNoChange, without } from './record.ts';
import { sampleRun } from './sample-run.ts';
import { type RunEvent, transition } from './transition.ts';
import { supervise } from './watch.ts';

// docs/STATE-MACHINES.md shows what the code makes of each event, in words that both sides can produce: here the code is
// asked, there the page is read, and neither may say more than the other.

const NOW = 100_000;
const bare = without(sampleRun(), 'owes', 'watchAt');
/** Nothing is due to these by itself; what an event is about comes with the event. */
const quiet = { startTimeoutMs: 0, executionTimeoutMs: 0, cancelTimeoutMs: 0, heartbeatTimeoutMs: 0 };
const published: RunRecord = { ...bare, ...quiet, publishedAt: 1_000 };
const running: RunRecord = { ...published, status: 'running', startedAt: 2_000, heartbeatAt: 2_000 };
const ended = (status: RunRecord['status']): RunRecord => ({ ...without(running, 'slot'), status, endedAt: 3_000 });

const SITUATIONS: Readonly<Record<string, RunRecord>> = {
  waiting: { ...bare, ...quiet, waiting: true, slot: `${bare.jobUid}:w0` },
  pending: published,
  running,
  retrying: { ...without(published, 'publishedAt'), nextRetryAt: NOW + 60_000 },
  cancelling: { ...running, status: 'cancelling', cancellingAt: 3_000, reason: 'requested' },
  cancelled: ended('cancelled'),
  completed: ended('completed'),
  failed: ended('failed'),
  dead: ended('dead'),
  skipped: ended('skipped'),
};
const situationOf = (run: RunRecord): string =>
  run.waiting ? 'waiting' : run.nextRetryAt === undefined ? run.status : 'retrying';

interface Case {
  /** What the run's job says, and what became of its earlier attempts. */
  readonly given?: Partial<RunRecord>;
  readonly event: RunEvent;
}
const say = (status: (RunEvent & { kind: 'status' })['status'], rest: object = {}): RunEvent => ({
  kind: 'status',
  status,
  ...rest,
});
const twice = (outcome: 'failed' | 'lost'): Partial<RunRecord> => ({
  attempt: 3,
  attempts: [1, 2].map((attempt) => ({ attempt, endedAt: 500, outcome })),
});

const EVENTS: Readonly<Record<string, Case>> = {
  'worker: `running`': { event: say('running') },
  'worker: heartbeat': { event: { kind: 'heartbeat' } },
  'worker: `completed`': { event: say('completed') },
  'worker: `cancelled`': { event: say('cancelled') },
  'worker: `failed`, no `maxRetries`': { event: say('failed') },
  'worker: `failed`, a retry is left': { given: { maxRetries: 3, ...twice('failed') }, event: say('failed') },
  'worker: `failed`, none is left': { given: { maxRetries: 2, ...twice('failed') }, event: say('failed') },
  'worker: `failed`, `"retry": false`': { given: { maxRetries: 3 }, event: say('failed', { retry: false }) },
  'worker: `pending` or `cancelling`': { event: say('cancelling') },
  'worker: anything of an older attempt': { given: { attempt: 2 }, event: say('completed', { attempt: 1 }) },
  'worker: anything of an attempt to come': { event: say('completed', { attempt: 2 }) },
  'someone cancels it': { event: { kind: 'cancel', reason: 'requested' } },
  'its job is deleted': { event: { kind: 'job_deleted' } },
};

/** Each makes one thing due, and nothing else. */
const LATE: Readonly<Record<string, (from: string) => Partial<RunRecord>>> = {
  '`runStartTimeout` is over': () => ({ startTimeoutMs: 1 }),
  '`runExecutionTimeout` is over': () => ({ executionTimeoutMs: 1 }),
  '`cancelTimeout` is over': () => ({ cancelTimeoutMs: 1 }),
  '`heartbeatTimeout` is over': () => ({ heartbeatTimeoutMs: 1 }),
  '`heartbeatTimeout` is over, no restart is left': () => ({ heartbeatTimeoutMs: 1, maxRestarts: 2, ...twice('lost') }),
  '`nextRetryAt` has come': (from) => (from === 'retrying' ? { nextRetryAt: NOW } : {}),
  'its action could not be published, or nobody says so for 15 s': (from) =>
    from === 'pending' ? { owes: 'run' } : from === 'cancelling' ? { owes: 'cancel' } : {},
  'its job’s place is free': () => ({}),
};

/** What became of a run, in the words of the page. */
function words(before: RunRecord, after: RunRecord): string {
  const facts = [`**${situationOf(after)}**`];
  if (after.attempt > before.attempt) facts.push('next attempt');
  if (after.owes !== undefined && after.owes !== before.owes) facts.push(`\`${after.owes}\` is published`);
  if (after.reason !== undefined && after.reason !== before.reason) facts.push(`reason \`${after.reason}\``);
  return facts.join(', ');
}

interface Outcome {
  readonly says: string;
  readonly from: string;
  readonly to?: string;
}

function onEvent(from: string, { given = {}, event }: Case): Outcome {
  const run = { ...(SITUATIONS[from] as RunRecord), ...given };
  const result = transition(run, event, NOW);
  if (result.kind === 'changed') return { says: words(run, result.run), from, to: situationOf(result.run) };
  return { says: result.because + (result.cancelAgain ? ', `cancel` is published' : ''), from };
}

function whenLate(from: string, what: string): Outcome {
  const run = { ...(SITUATIONS[from] as RunRecord), ...LATE[what]?.(from), watchAt: NOW };
  const nothing = { says: '–', from };
  const decision = supervise(run, NOW);
  if (decision.kind === 'promote') {
    const after = promoted(run, NOW);
    return what.includes('place') ? { says: words(run, after), from, to: situationOf(after) } : nothing;
  }
  if (decision.repair === 'republished') return { says: `\`${run.owes}\` is published again`, from };
  // The next look alone is no change.
  if (isNoChange(changeBetween(without(run, 'watchAt'), without(decision.run, 'watchAt')))) return nothing;
  return { says: words(run, decision.run), from, to: situationOf(decision.run) };
}

const job = { uid: bare.jobUid, name: 'job', maxQueueCount: 1, allowConcurrentRuns: false } as JobRecord;
const request = { id: bare.id, now: NOW, trigger: 'schedule', scheduledAt: NOW } as const;
const busy = { active: 1, slots: [`${job.uid}:a`] };
const full = { active: 1, slots: [`${job.uid}:a`, `${job.uid}:w0`] };
const made = (run: RunRecord): Outcome => ({ says: words(bare, run), from: '[*]', to: situationOf(run) });
const BEGINNINGS: Readonly<Record<string, Outcome>> = {
  'runs may overlap, or none is active': made(newRun(job, request, admit(job, NO_PLACES))),
  'one is active, and fewer than `maxQueueCount` wait': made(newRun(job, request, admit(job, busy))),
  'one is active, and as many wait as may': made(newRun(job, request, admit(job, full))),
  'the misfire policy leaves the tick out': made(misfireRecord(job, request)),
};

const page = await readFile(join(import.meta.dirname, '../../../../docs/STATE-MACHINES.md'), 'utf8');

const cellsOf = (row: string): string[] =>
  row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** The rows of the table under this heading: what each says in each column. One column may stand for several. */
function written(heading: string): Record<string, Record<string, string>> {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const [head = '', , ...body] = section.split('\n').filter((line) => line.startsWith('|'));
  const columns = cellsOf(head)
    .slice(1)
    .map((names) => names.split(/, | or /));
  const rows = body.map(cellsOf).map(([what = '', ...cells]) => {
    const said = columns.flatMap((names, i) => names.map((name) => [name, cells[i] ?? ''] as const));
    return [what, Object.fromEntries(said)] as const;
  });
  return Object.fromEntries(rows);
}

const grid = (rows: readonly string[], columns: readonly string[], cell: (column: string, row: string) => Outcome) =>
  rows.map((row) => [row, columns.map((column) => [column, cell(column, row)] as const)] as const);
const spoken = (of: ReturnType<typeof grid>): object =>
  Object.fromEntries(of.map(([row, cells]) => [row, Object.fromEntries(cells.map(([at, { says }]) => [at, says]))]));

const situations = Object.keys(SITUATIONS);
const live = situations.slice(0, situations.indexOf('cancelled'));
const events = grid(Object.keys(EVENTS), situations, (from, event) => onEvent(from, EVENTS[event] as Case));
const late = grid(Object.keys(LATE), live, whenLate);

it('the page tells how a run begins', () => {
  expect(written('How a run begins')).toEqual(
    Object.fromEntries(Object.entries(BEGINNINGS).map(([when, { says }]) => [when, { 'the run is': says }])),
  );
});

it('the page tells what events make of a run', () => {
  expect(written('What events make of it')).toEqual(spoken(events));
});

it('the page tells what the watchdog makes of a run', () => {
  expect(written('What the watchdog makes of it')).toEqual(spoken(late));
});

it('the diagram has the ways that runs can go, and no other', () => {
  const outcomes = [
    ...Object.values(BEGINNINGS),
    ...[...events, ...late].flatMap(([, cells]) => cells.map(([, at]) => at)),
  ];
  const ways = outcomes.flatMap(({ from, to }) => (to === undefined || to === from ? [] : [`${from} --> ${to}`]));
  const drawn = [...page.matchAll(/^ +(\S+ --> \S+)/gm)].flatMap(([, way = '']) => (way.endsWith('[*]') ? [] : [way]));
  expect(drawn.toSorted()).toEqual([...new Set(ways)].toSorted());
});
