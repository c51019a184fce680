import { setTimeout as sleep } from 'node:timers/promises';
import { begin, type World } from './faults.ts';
import { describeFault, type Fault, planSteps, type Targets } from './plan.ts';

/** A fault as it happened; times are epoch ms. */
export interface FaultRecord {
  readonly fault: Fault;
  readonly what: string;
  readonly beganAt: number;
  /** What was broken served again. */
  readonly healedAt: number;
  readonly effect: string | undefined;
}

export interface NemesisOptions {
  readonly seed: number;
  readonly targets: Targets;
  /** No fault begins after this moment. */
  readonly untilAt: number;
  readonly tell: (line: string) => void;
}

/** Lets the faults of the seed happen, one after the other or two at a time; resolves when the last is healed. */
export async function letNemesisLoose(world: World, options: NemesisOptions): Promise<FaultRecord[]> {
  const { seed, targets, untilAt, tell } = options;
  const records: FaultRecord[] = [];
  const happen = async (fault: Fault): Promise<void> => {
    const beganAt = Date.now();
    const { effect, heal } = await begin(fault, world);
    tell(`${describeFault(fault)} (${effect ?? 'WITHOUT EFFECT'})`);
    await sleep(fault.holdMs);
    await heal();
    const healedAt = Date.now();
    tell(`${describeFault(fault)}: healed after ${((healedAt - beganAt) / 1_000).toFixed(1)} s`);
    records.push({ fault, what: describeFault(fault), beganAt, healedAt, effect });
  };
  for (const { restMs, fault, meanwhile } of planSteps(seed, targets)) {
    if (Date.now() + restMs >= untilAt) break;
    await sleep(restMs);
    await Promise.all([
      happen(fault),
      meanwhile === undefined ? undefined : sleep(meanwhile.afterMs).then(() => happen(meanwhile.fault)),
    ]);
  }
  return records.sort((a, b) => a.beganAt - b.beganAt);
}
