import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@simple-scheduler/client';
import type { Chance } from '../chance.ts';
import type { Sightings } from '../check/sightings.ts';

export interface Sampler {
  /** Looks that the API did not answer. */
  readonly failed: number;
  stop(): Promise<void>;
}

const PAUSE_MS = 1_500;
const LIMIT = 500;
/** How often it looks at older runs instead of the newest. */
const BACK_SHARE = 0.35;

/** Looks at the list of runs again and again, mostly at the newest, sometimes at older ones. */
export function startSampler(client: Client, sightings: Sightings, chance: Chance): Sampler {
  const startedAt = Date.now();
  let failed = 0;
  let isStopped = false;

  async function live(): Promise<void> {
    while (!isStopped) {
      const at = Date.now();
      const back = chance.is(BACK_SHARE) ? chance.next() * (at - startedAt) : 0;
      const filter = back === 0 ? {} : { createdBefore: new Date(at - back).toISOString() };
      try {
        for (const run of (await client.runs.list({ ...filter, limit: LIMIT })).items) sightings.see(run, at);
      } catch {
        failed += 1;
      }
      await sleep(PAUSE_MS);
    }
  }

  const life = live();
  return {
    get failed() {
      return failed;
    },
    stop: async () => {
      isStopped = true;
      await life;
    },
  };
}
