import { Chance } from '../chance.ts';
import { LEASE_MS } from '../lease.ts';

/** What the nemesis does, as data: the same for the same seed. */
export type Fault = { readonly holdMs: number } & (
  | { readonly kind: 'kill'; readonly target: string }
  | { readonly kind: 'pause'; readonly target: string }
  | { readonly kind: 'broker restart' }
  | { readonly kind: 'broker closes connections' }
  | { readonly kind: 'step-down' }
  | { readonly kind: 'mongod kill'; readonly member: 'primary' | 'secondary' }
  | (NetworkFault & { readonly from: string; readonly to: 'rabbitmq' | 'mongodb' | 'primary' })
);

export type NetworkFault =
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'halve'; readonly silent: 'to_server' | 'to_client' }
  | { readonly kind: 'cut' };

export interface Step {
  /** Peace before it. */
  readonly restMs: number;
  readonly fault: Fault;
  /** A second fault, so long after the first has begun. */
  readonly meanwhile?: { readonly afterMs: number; readonly fault: Fault };
}

/** Processes that faults are aimed at, by role. */
export type Targets = Readonly<Record<'scheduler' | 'custodian' | 'api' | 'worker', readonly string[]>>;

type Draw = (chance: Chance, targets: Targets) => Fault;

const kill =
  (...roles: (keyof Targets)[]): Draw =>
  (chance, targets) => ({
    kind: 'kill',
    target: chance.pick(targets[chance.pick(roles)]),
    holdMs: chance.int(0, 5_000),
  });

const pause =
  (...roles: (keyof Targets)[]): Draw =>
  (chance, targets) => ({
    kind: 'pause',
    target: chance.pick(targets[chance.pick(roles)]),
    holdMs: LEASE_MS + chance.int(2_000, 5_000),
  });

/** From everyone, from one scheduler, or from the API or a worker, who both have less to do with MongoDB. */
function link(chance: Chance, targets: Targets): { from: string; to: 'rabbitmq' | 'mongodb' | 'primary' } {
  const from = chance.pick([
    '*',
    '*',
    chance.pick(targets.scheduler),
    chance.pick([...targets.api, ...targets.worker]),
  ]);
  if (targets.worker.includes(from)) return { from, to: 'rabbitmq' };
  return { from, to: chance.pick(['rabbitmq', 'mongodb', 'primary'] as const) };
}

/** Each is drawn once before any is drawn again. The lists keep apart what may go together. */
const PROCESS_FAULTS: readonly Draw[] = [
  kill('scheduler'),
  kill('scheduler'),
  kill('api', 'custodian'),
  kill('worker'),
  pause('scheduler'),
  pause('scheduler'),
  pause('custodian', 'api'),
  pause('worker'),
];
const SERVER_FAULTS: readonly Draw[] = [
  (chance) => ({ kind: 'broker restart', holdMs: chance.int(0, 3_000) }),
  () => ({ kind: 'broker closes connections', holdMs: 0 }),
  () => ({ kind: 'step-down', holdMs: 0 }),
  (chance) => ({ kind: 'mongod kill', member: 'primary', holdMs: chance.int(1_000, 6_000) }),
  (chance) => ({ kind: 'mongod kill', member: 'secondary', holdMs: chance.int(1_000, 6_000) }),
  (chance, targets) => ({ kind: 'delay', delayMs: chance.int(30, 150), ...link(chance, targets), holdMs: 6_000 }),
  (chance, targets) => ({
    kind: 'halve',
    silent: 'to_client',
    ...link(chance, targets),
    holdMs: chance.int(4_000, 9_000),
  }),
  (chance, targets) => ({
    kind: 'halve',
    silent: 'to_server',
    ...link(chance, targets),
    holdMs: chance.int(4_000, 9_000),
  }),
  (chance, targets) => ({ kind: 'cut', ...link(chance, targets), holdMs: chance.int(2_000, 7_000) }),
];
const MEANWHILE_SHARE = 0.3;

/** Steps without end; whoever takes them decides when it is enough. */
export function* planSteps(seed: number, targets: Targets): Generator<Step, never> {
  const chance = new Chance(seed, 'nemesis');
  const next = { process: deck(chance, PROCESS_FAULTS), server: deck(chance, SERVER_FAULTS) };
  for (;;) {
    const [first, second] = chance.is(0.5) ? (['process', 'server'] as const) : (['server', 'process'] as const);
    const step = { restMs: chance.int(2_000, 6_000), fault: next[first]()(chance, targets) };
    yield chance.is(MEANWHILE_SHARE)
      ? { ...step, meanwhile: { afterMs: chance.int(0, 3_000), fault: next[second]()(chance, targets) } }
      : step;
  }
}

function deck<T>(chance: Chance, cards: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = chance.shuffled(cards);
    return left.pop() as T;
  };
}

/** One line for people. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'pause':
      return `${fault.kind} ${fault.target}`;
    case 'mongod kill':
      return `kill MongoDB's ${fault.member}`;
    case 'delay':
      return `delay ${fault.from} → ${fault.to} by ${fault.delayMs} ms each way`;
    case 'halve':
      return `halve ${fault.from} → ${fault.to}, silent ${fault.silent}`;
    case 'cut':
      return `cut ${fault.from} → ${fault.to}`;
    case 'broker restart':
    case 'broker closes connections':
    case 'step-down':
      return fault.kind;
  }
}
