import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Client } from '@simple-scheduler/client';
import type { Chance } from '../chance.ts';

/** A run that a user asked for until somebody said yes. */
export interface Asked {
  readonly key: string;
  readonly job: string;
  /** Ids of the runs that the answers to this key named, each time that it was answered. */
  readonly answers: string[];
}

export interface Users {
  readonly asked: readonly Asked[];
  /** Answers that nobody should have got: a run that is not found although its creation was answered, and the like. */
  readonly refusals: readonly string[];
  stop(): Promise<void>;
}

const PAUSE_MS = 700;
const RETRY_MS = 300;
const CANCEL_SHARE = 0.2;
/** One that was answered is asked again under the same key, as after a lost reply. */
const AGAIN_SHARE = 0.2;

/** Someone who asks for runs by hand and cancels some, and who does not give up until the API has answered. */
export function startUsers(client: Client, jobs: readonly string[], chance: Chance): Users {
  const asked: Asked[] = [];
  const refusals: string[] = [];
  let isStopped = false;

  async function ask(entry: Asked): Promise<string> {
    const { id } = await insist(() => client.jobs.run(entry.job, { idempotencyKey: entry.key }));
    entry.answers.push(id);
    return id;
  }

  async function live(): Promise<void> {
    while (!isStopped) {
      const entry: Asked = { key: `wish-${asked.length + 1}`, job: chance.pick(jobs), answers: [] };
      asked.push(entry);
      try {
        const run = await ask(entry);
        if (chance.is(AGAIN_SHARE)) await ask(entry);
        if (chance.is(CANCEL_SHARE)) await insist(() => cancel(client, run));
      } catch (error) {
        refusals.push(`${entry.key}, run ${entry.answers.join(', ')}: ${error}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  const life = live();
  return {
    asked,
    refusals,
    stop: async () => {
      isStopped = true;
      await life;
    },
  };
}

/** Again until there is an answer; an answer that is a refusal is thrown. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function cancel(client: Client, run: string): Promise<void> {
  try {
    await client.runs.cancel(run);
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return; // it has ended
    throw error;
  }
}
