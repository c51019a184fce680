import type { ActionMessage } from '@simple-scheduler/contracts';
import type { ActionListener, SimBroker } from '../bus/sim-broker.ts';
import type { Process } from '../world/process.ts';
import type { RandomStream } from '../world/random.ts';
import type { World } from '../world/world.ts';

const CONCURRENCY = 20;
/**
 * More than the restarts of the jobs that are made with deadly work: their bounds show. But such work ends even where a
 * user has replaced its job by one that knows no bound, and runs it again.
 */
const DEADLY_ATTEMPTS = 6;

/** A worker of the plainest kind: it keeps no record of what it did, and says what it does until the broker has it. */
export function startWorker(options: {
  world: World;
  process: Process;
  broker: SimBroker;
  random: RandomStream;
  /** The process dies of its work. */
  onPoison: () => void;
}): void {
  const { world, process, broker, random, onPoison } = options;
  const cancelled = new Set<string>();
  /** Half of the workers know attempts; the others speak the least that the contract asks for. */
  const knowsAttempts = random.chance(0.5);
  let busy = 0;

  async function say(kind: 'status' | 'heartbeat', body: object): Promise<void> {
    while (!(await broker.accept(kind, body))) await process.reach(500, undefined);
    await process.reach(1, undefined);
  }

  async function work(action: ActionMessage, ack: () => void): Promise<void> {
    const { jobName, runId } = action;
    const about = { jobName, runId, ...(knowsAttempts ? { attempt: action.attempt } : {}) };
    await say('status', { ...about, status: 'running', workerId: process.name });
    ack();
    // Some work is deadly to whoever does it.
    if (random.chance(poisonOf(action))) return onPoison();
    let over = false;
    const beatMs = action.heartbeatTimeout === undefined ? 0 : Math.floor(action.heartbeatTimeout / 4);
    const beating = (async () => {
      while (beatMs > 0 && !over) {
        await process.reach(beatMs, undefined);
        if (!over && !cancelled.has(runId)) void say('heartbeat', about);
      }
    })();
    const until = world.now + random.delay(800, 8_000);
    while (world.now < until && !cancelled.has(runId)) await process.reach(Math.min(100, until - world.now), undefined);
    over = true;
    const status = outcome(runId);
    await say('status', {
      ...about,
      status,
      ...(status === 'failed' ? retryWish(random) : {}),
      ...(knowsAttempts ? { output: { attempt: action.attempt } } : {}),
    });
    await beating;
  }

  const outcome = (runId: string): string =>
    cancelled.has(runId) ? 'cancelled' : random.chance(0.15) ? 'failed' : 'completed';

  const listener: ActionListener = {
    process,
    hasRoom: () => busy < CONCURRENCY,
    onRun: (body, settle) => {
      busy += 1;
      void process
        .reach(broker.lag(), undefined)
        .then(() => work(body, () => settle('ack')))
        .then(() => {
          busy -= 1;
          broker.pump();
        });
    },
    onCancel: ({ runId }) => void cancelled.add(runId),
  };
  broker.addWorker(listener);
}

/** What a worker may say of further attempts when it fails. */
function retryWish(random: RandomStream): { retry?: false; retryAfter?: number } {
  const wish = random.next();
  if (wish < 0.2) return { retry: false };
  return wish < 0.4 ? { retryAfter: random.int(0, 5_000) } : {};
}

function poisonOf({ payload, attempt = 1 }: ActionMessage): number {
  if (attempt > DEADLY_ATTEMPTS) return 0;
  return payload !== null && typeof payload === 'object' && 'poison' in payload ? Number(payload.poison) : 0;
}
