import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast } from '../cast/cast.ts';
import { mongodbMember, type Servers } from '../cast/servers.ts';
import type { Network } from '../network/network.ts';
import type { Link } from '../network/pipe.ts';
import type { Fault } from './plan.ts';

export interface World {
  readonly cast: Cast;
  readonly servers: Servers;
  readonly network: Network;
}

export interface Begun {
  /** What could be seen of it: a fault without an effect proves nothing. Undefined: nothing. */
  readonly effect: string | undefined;
  /** Resolves when what was broken serves again. */
  heal(): Promise<void>;
}

const NOTHING_TO_HEAL = async (): Promise<void> => {};
/** How long a primary that stepped down stays out of it. */
const STEP_DOWN_SECONDS = 5;
/** Longer than anyone pauses between two tries to connect. */
const RECONNECTION_MAX_MS = 10_000;

/** Resolves when the fault is there. */
export async function begin(fault: Fault, { cast, servers, network }: World): Promise<Begun> {
  const { mongodb, rabbitmq } = servers;
  switch (fault.kind) {
    case 'kill': {
      const actor = actorOf(cast, fault.target);
      await actor.kill();
      return { effect: 'it ended', heal: () => actor.start() };
    }
    case 'pause': {
      const actor = actorOf(cast, fault.target);
      await actor.pause();
      return { effect: 'it stands still', heal: async () => actor.resume() };
    }
    case 'broker restart':
      await rabbitmq.stop();
      return { effect: 'it ended', heal: () => rabbitmq.start() };
    case 'broker closes connections': {
      const before = (await rabbitmq.control('list_connections', 'pid')).trim().split('\n').length;
      await rabbitmq.control('close_all_connections', 'chaos');
      return { effect: before > 0 ? `${before} connections` : undefined, heal: NOTHING_TO_HEAL };
    }
    case 'step-down': {
      const before = await mongodb.primary();
      await mongodb.stepDown(STEP_DOWN_SECONDS);
      const after = await mongodb.primary();
      return { effect: after === before ? undefined : 'another primary', heal: () => mongodb.whole() };
    }
    case 'mongod kill': {
      const primary = await mongodb.primary();
      const victim = fault.member === 'primary' ? primary : mongodb.members.find((member) => member !== primary);
      await victim?.kill();
      const heal = async (): Promise<void> => {
        await victim?.start();
        await mongodb.whole();
      };
      return { effect: 'it ended', heal };
    }
    case 'delay':
    case 'halve':
    case 'cut': {
      const to = await serverNames(fault.to, servers);
      const concerns = (link: Link): boolean =>
        to.includes(link.to) && (fault.from === '*' ? link.from !== 'mongod' : link.from === fault.from);
      await untilConnected(() => network.connections(concerns) > 0);
      const { met, lift } = network.disturb(concerns, fault);
      return { effect: met > 0 ? `${met} connections` : undefined, heal: async () => lift() };
    }
  }
}

/**
 * Who has just lost its connection to an earlier fault may still be waiting to try again: a link without one cannot be
 * disturbed. Where none comes, the fault has no effect, and the run says so.
 */
async function untilConnected(isConnected: () => boolean): Promise<void> {
  const deadline = Date.now() + RECONNECTION_MAX_MS;
  while (!isConnected() && Date.now() < deadline) await sleep(50);
}

function actorOf(cast: Cast, name: string): Cast['actors'][number] {
  const actor = cast.actors.find((each) => each.name === name);
  if (actor === undefined) throw new Error(`there is no ${name}`);
  return actor;
}

/** Names at which links to these servers end. */
async function serverNames(to: 'rabbitmq' | 'mongodb' | 'primary', { mongodb }: Servers): Promise<string[]> {
  if (to === 'rabbitmq') return [to];
  if (to === 'mongodb') return mongodb.members.map((_, index) => mongodbMember(index));
  return [mongodbMember(mongodb.members.indexOf(await mongodb.primary()))];
}
