import type { Patience } from '../ports/index.ts';
import type { Context } from '../scheduler/context.ts';

/** What the use cases behind the API work with. */
export interface ApiContext extends Context {
  readonly patience: Patience;
}

/** How often a use case looks again when others change the same record meanwhile. */
export const TRIES_MAX = 20;
