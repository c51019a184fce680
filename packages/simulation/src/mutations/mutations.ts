/** A bug planted in the source: one place replaced by another. The simulation must notice each of them. */
export interface Mutation {
  readonly name: string;
  /** File below the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** A seed that catches it. */
  readonly seed: number;
}

const ENGINE = 'packages/engine/src/scheduler';
const CORE = 'packages/core/src';
const CUSTODIAN = 'packages/engine/src/custodian';
const STORE = 'packages/simulation/src/store';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the lease token is not checked when a job moves on',
    file: `${STORE}/memory-leases.ts`,
    find: 'job.managerId === advance.managerId &&\n    job.leaseToken === advance.leaseToken &&',
    replace: '',
    seed: 10,
  },
  {
    name: 'taking a job does not raise its lease token',
    file: `${STORE}/memory-leases.ts`,
    find: 'leaseToken: job.leaseToken + 1',
    replace: 'leaseToken: job.leaseToken',
    seed: 1,
  },
  {
    name: 'a tick that exists is published as if it were new',
    file: `${ENGINE}/settle-due-ticks.ts`,
    find: "if (outcome === 'created') {",
    replace: "if (outcome === 'created' || outcome === 'exists') {",
    seed: 1,
  },
  {
    name: 'an action is published before its run is recorded',
    file: `${ENGINE}/settle-due-ticks.ts`,
    find: 'const outcomes = await context.store.insertRuns(records);',
    replace:
      "await context.bus.publishActions(records.filter((run) => run.owes === 'run').map((run) => ({ topology: {} as never, messageId: run.id, body: { jobName: run.jobName, runId: run.id, action: 'run', attempt: 1 } as never })));\n  const outcomes = await context.store.insertRuns(records);",
    seed: 1,
  },
  {
    name: 'several due ticks are planned without looking at what is recorded',
    file: `${ENGINE}/settle-due-ticks.ts`,
    find: 'if (record === undefined) continue;',
    replace: 'continue;',
    seed: 1,
  },
  {
    name: 'nextRunAt moves on before the runs are recorded',
    file: `${ENGINE}/start-due-runs.ts`,
    find: 'const { jobs: settled, started, waitingUids } = await settleDueTicks(context, mine, now, state.overlaps);',
    replace:
      'await state.moves.submit(taken.flatMap((before) => { const job = mine.find(({ name }) => name === before.name); return job === undefined ? [] : [moveOf(state.managerId, before, { job, nextRunAt: (job.nextRunAt as number) + (job.intervalMs ?? 1_000) })]; }));\n  await state.moves.flush();\n  const { jobs: settled, started, waitingUids } = await settleDueTicks(context, mine, now, state.overlaps);',
    seed: 1,
  },
  {
    name: 'an unconfirmed action counts as published',
    file: `${ENGINE}/publish-owed.ts`,
    find: "if (outcomes[i] === 'confirmed') published.push",
    replace: 'if (Number.isFinite(at)) published.push',
    seed: 7,
  },
  {
    name: 'what is owed is never published again',
    file: `${CORE}/run/watch.ts`,
    find: "return { kind: 'change', run: withDeadline(run, now), repair: run.owes === undefined ? 'none' : 'republished' };",
    replace: "return { kind: 'change', run: withDeadline({ ...run, owes: undefined } as never), repair: 'none' };",
    seed: 1,
  },
  {
    name: 'the attempt of a message is ignored',
    file: `${CORE}/run/transition.ts`,
    find: 'if (attempt === undefined || attempt === run.attempt) return undefined;',
    replace: 'if (attempt !== -1) return undefined;',
    seed: 7,
  },
  {
    name: 'a lost worker does not raise the attempt',
    file: `${CORE}/run/retry-run.ts`,
    find: 'attempt: run.attempt + 1,',
    replace: 'attempt: run.attempt,',
    seed: 1,
  },
  {
    name: 'silent workers are never given up',
    file: `${CORE}/run/deadlines.ts`,
    find: "add('heartbeat', run.heartbeatAt, run.heartbeatTimeoutMs);",
    replace: '',
    seed: 2,
  },
  {
    name: 'an ended run can end again',
    file: `${CORE}/run/transition.ts`,
    find: "if (!isLive(run.status)) return ignored('ended');\n  if (isUnheard(run)) return ignored('not_published');\n  // A worker",
    replace: "if (isUnheard(run)) return ignored('not_published');\n  // A worker",
    seed: 1,
  },
  {
    name: 'runs of a job without concurrency start without a slot',
    file: `${CORE}/admission/admit.ts`,
    find: "return { kind: 'start', slot: activeSlot(job.uid) };",
    replace: "return { kind: 'start' };",
    seed: 1,
  },
  {
    name: 'one waiting run too many is admitted',
    file: `${CORE}/admission/admit.ts`,
    find: "if (waiting.length >= job.maxQueueCount) return { kind: 'skip' };\n  const taken = new Set(waiting);\n  let toPass = passing % (job.maxQueueCount - waiting.length);\n  for (let place = 0; place < job.maxQueueCount; place += 1)",
    replace:
      'const taken = new Set(waiting);\n  let toPass = 0;\n  for (let place = 0; place <= job.maxQueueCount; place += 1)',
    seed: 1,
  },
  {
    name: 'the newest waiting run starts first',
    file: `${STORE}/memory-runs.ts`,
    find: 'if (known === undefined || run.id < known.id) oldest.set',
    replace: 'if (known === undefined || run.id > known.id) oldest.set',
    seed: 1,
  },
  {
    name: 'a run that ends does not start the waiting one, nor does the watchdog',
    file: `${ENGINE}/promote-waiting.ts`,
    find: 'if (jobUids.length === 0) return [];',
    replace: 'if (jobUids.length >= 0) return [];',
    seed: 1,
  },
  {
    name: 'runs wait on where runs may overlap by now',
    file: `${ENGINE}/promote-waiting.ts`,
    find: 'if (oldest.length === 0) return [];',
    replace: 'if (oldest.length >= 0) return [];',
    seed: 97,
  },
  {
    name: 'a request under an idempotency key does not keep to the run that it has named',
    file: 'packages/engine/src/runs/start-once.ts',
    find: 'startByHand(context, job, { ...wish, decided })',
    replace: 'startByHand(context, job, wish)',
    seed: 2,
  },
  {
    name: 'statuses are acknowledged although the store failed',
    file: `${ENGINE}/apply-events.ts`,
    find: 'if (known.length > 0) await write(known, events);',
    replace: 'if (known.length > 0) await write(known, events).catch(() => undefined);',
    seed: 2,
  },
  {
    name: 'a conflicting update of a run is not tried again',
    file: `${ENGINE}/update-runs.ts`,
    find: "else if (outcome === 'conflict') into.conflicts.push(update.id);",
    replace: '',
    seed: 24,
  },
  {
    name: 'a custodian forgets silent schedulers and keeps their jobs',
    file: 'packages/engine/src/custodian/free-stuck-jobs.ts',
    find: 'const orphans = await context.store.releaseOrphans(RELEASE_BATCH);',
    replace: 'const orphans = 0;',
    seed: 10,
  },
  {
    name: 'an edit does not settle the ticks that are due',
    file: 'packages/engine/src/jobs/edit-job.ts',
    find: 'if (job.enabled && touchesTicks(job, after)) {',
    replace: 'if (job.enabled && touchesTicks(job, after) && now < 0) {',
    seed: 2,
  },
  {
    name: 'missed ticks are left out without a record',
    file: `${ENGINE}/settle-due-ticks.ts`,
    find: 'const agendas = jobs.flatMap((job) => (isDue(job, now) ? [agendaOf(job, plan(job, job.nextRunAt, now))] : []));',
    replace:
      "const agendas = jobs.flatMap((job) => (isDue(job, now) ? [agendaOf(job, plan(job, job.nextRunAt, now))] : []));\n  for (const agenda of agendas) agenda.ticks = agenda.ticks.filter((tick) => tick.kind !== 'skipped');",
    seed: 1,
  },
  {
    name: 'a failed turn forgets the jobs that it had taken out of the queue',
    file: `${ENGINE}/start-due-runs.ts`,
    find: 'for (const job of taken) state.held.putBack(job, job);',
    replace: '',
    seed: 1,
  },
  {
    name: 'jobs that could not be moved on are forgotten',
    file: `${ENGINE}/job-moves.ts`,
    find: 'for (const { taken } of moves.slice(from)) this.#held.putBack(taken, taken);',
    replace: '',
    seed: 2,
  },
  {
    name: 'a taking whose answer was lost is forgotten',
    file: `${ENGINE}/hold-jobs.ts`,
    find: 'holder.unsure = true;\n    const jobs',
    replace: 'const jobs',
    seed: 1,
  },
  {
    name: 'deletions are never finished',
    file: 'packages/engine/src/jobs/finish-deletion.ts',
    find: 'await context.store.forgetDeletion(deletion.uid);',
    replace: '',
    seed: 1,
  },
  {
    name: 'a failed run is tried again for ever',
    file: `${CORE}/run/retry-run.ts`,
    find: 'failures > (run.maxRetries ?? 0)',
    replace: 'failures > 1_000',
    seed: 1,
  },
  {
    name: 'a run is tried again although its worker sees no use in it',
    file: `${CORE}/run/retry-run.ts`,
    find: 'failure.retry === false || ',
    replace: '',
    seed: 1,
  },
  {
    name: 'a run that kills its workers goes on for ever',
    file: `${CORE}/run/watch.ts`,
    find: 'lost >= run.maxRestarts',
    replace: 'lost >= 1_000',
    seed: 1,
  },
  {
    name: 'retention takes ticks that the job has not moved past',
    file: `${CUSTODIAN}/prune-runs.ts`,
    find: '...(nextRunAt === undefined ? {} : { unsettled: { epoch, from: nextRunAt } }),',
    replace: '',
    seed: 132,
  },
  {
    name: 'retention takes the last run of a job',
    file: `${CUSTODIAN}/prune-runs.ts`,
    find: 'keepLast: true',
    replace: 'keepLast: false',
    seed: 1,
  },
  {
    name: 'retention takes what has just ended',
    file: `${CUSTODIAN}/prune-runs.ts`,
    find: 'const KEPT_FOR_MS = 2 * PICTURE_MAX_AGE_MS;',
    replace: 'const KEPT_FOR_MS = 0;',
    seed: 2,
  },
  {
    name: 'a resumed job owes the ticks of its pause',
    file: 'packages/engine/src/jobs/owed-ticks.ts',
    find: 'if (goesOn) return after;',
    replace: 'if (goesOn || before) return after;',
    seed: 2,
  },
];
