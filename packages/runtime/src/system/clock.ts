import type { Clock, Random } from '@simple-scheduler/engine';

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = { next: () => Math.random() };
