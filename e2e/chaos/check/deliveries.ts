import { describeRun, type FaultFact, iso, type Receipt, type RunFact, type Violation } from './history.ts';

export interface DeliveryFigures {
  readonly received: number;
  /** Run actions received more than once for the same attempt: how often in excess. */
  readonly duplicates: number;
}

/** What a fault broke may show itself this long after it is healed: publications that wait for their repetition. */
const AFTERMATH_MS = 30_000;

/**
 * Invariant 2: every admitted run is received at least once, nothing is received that is not recorded, and again only
 * where something went wrong around that time.
 */
export function checkDeliveries(
  runs: readonly RunFact[],
  receipts: readonly Receipt[],
  faults: readonly FaultFact[],
): { readonly violations: readonly Violation[]; readonly figures: DeliveryFigures } {
  const actions = receipts.filter(({ action }) => action === 'run');
  const byRun = Map.groupBy(actions, (receipt) => receipt.run);
  const violations: Violation[] = [];
  let duplicates = 0;
  for (const run of runs) {
    const received = byRun.get(run.id) ?? [];
    byRun.delete(run.id);
    violations.push(...problemsOf(run, received));
    for (const again of repeated(received)) {
      duplicates += again.length - 1;
      violations.push(...unexplained(run, again, faults));
    }
  }
  for (const [id, [first]] of byRun)
    violations.push({
      check: 'nothing unexpected',
      what: `run ${id} of ${first?.job} was received, and is not recorded`,
    });
  return { violations, figures: { received: actions.length, duplicates } };
}

function problemsOf(run: RunFact, received: readonly Receipt[]): Violation[] {
  const violations: Violation[] = [];
  const isAdmitted = run.status !== 'skipped' && !(run.status === 'cancelled' && run.publishedAt === undefined);
  if (isAdmitted && received.length === 0)
    violations.push({ check: 'no run lost', what: `${describeRun(run)} was never received` });
  if (run.status === 'skipped' && received.length > 0)
    violations.push({ check: 'nothing unexpected', what: `${describeRun(run)} was received all the same` });
  for (const { attempt, job } of received) {
    if (job !== run.job) violations.push({ check: 'nothing unexpected', what: `${describeRun(run)} came as ${job}` });
    if (attempt > run.attempt)
      violations.push({ check: 'nothing unexpected', what: `${describeRun(run)} came as attempt ${attempt}` });
  }
  return violations;
}

/** Receipts of the same attempt, where there is more than one, in order of time. */
function repeated(received: readonly Receipt[]): Receipt[][] {
  if (received.length < 2) return [];
  return [...Map.groupBy(received, ({ attempt }) => attempt).values()]
    .filter((same) => same.length > 1)
    .map((same) => same.toSorted((a, b) => a.at - b.at));
}

function unexplained(run: RunFact, again: readonly Receipt[], faults: readonly FaultFact[]): Violation[] {
  const first = again[0]?.at ?? 0;
  return again.slice(1).flatMap(({ at, attempt }) =>
    faults.some(({ beganAt, healedAt }) => beganAt <= at && first <= healedAt + AFTERMATH_MS)
      ? []
      : [
          {
            check: 'again only for a reason',
            what: `${describeRun(run)} came again as attempt ${attempt} at ${iso(at)}, when nothing was wrong`,
          },
        ],
  );
}
