import type { Identity } from './access.ts';

/** A token that was checked is believed for this long. */
const REMEMBERED_MS = 60_000;
/** Of some KiB each; the one that was not seen for the longest time is forgotten first. */
const TOKENS_MAX = 5_000;

interface Remembered {
  readonly identity: Identity;
  /** By `performance.now()`: nobody sets that clock back. */
  readonly until: number;
}

export interface RememberedTokensOptions {
  /** The full check. */
  readonly check: (token: string) => Promise<Identity>;
  readonly tokensMax?: number;
}

/**
 * Checks a token once a minute instead of with each request: a signature costs more than all the rest of a read.
 *
 * What this may miss within that minute is nothing that the full check would be sure to see: whether a token was revoked
 * the signature does not tell, a key that its issuer has withdrawn is believed for as long as the set of keys is kept (up
 * to 10 minutes, while the issuer is away an hour), and `exp` is looked at each time. When another set of keys is read,
 * everything is forgotten. Only tokens that were found good are remembered; so nobody can fill the memory with made-up ones.
 */
export class RememberedTokens {
  readonly #check: (token: string) => Promise<Identity>;
  readonly #tokensMax: number;
  /** The least recently seen first. */
  readonly #known = new Map<string, Remembered>();
  /** The one that was seen last. */
  #newest: string | undefined;
  readonly #underWay = new Map<string, Promise<Identity>>();

  constructor({ check, tokensMax = TOKENS_MAX }: RememberedTokensOptions) {
    this.#check = check;
    this.#tokensMax = tokensMax;
  }

  /** Rejects as the full check does. */
  async identify(token: string): Promise<Identity> {
    const known = this.#known.get(token);
    // Past `exp` the full check decides: it allows for clocks that differ.
    if (known !== undefined && performance.now() < known.until && Date.now() < known.identity.expiresAt) {
      this.#put(token, known);
      return known.identity;
    }
    return this.#underWay.get(token) ?? this.#checkOnce(token);
  }

  /** Where what the tokens were checked by has changed; checks that are under way do not count for later ones either. */
  forget(): void {
    this.#known.clear();
    this.#newest = undefined;
    this.#underWay.clear();
  }

  #checkOnce(token: string): Promise<Identity> {
    const checking: Promise<Identity> = this.#check(token).then(
      (identity) => {
        if (this.#settled(token, checking)) this.#remember(token, identity);
        return identity;
      },
      (error: unknown) => {
        this.#settled(token, checking);
        throw error;
      },
    );
    this.#underWay.set(token, checking);
    return checking;
  }

  /** Whether it still counts. */
  #settled(token: string, checking: Promise<Identity>): boolean {
    return this.#underWay.get(token) === checking && this.#underWay.delete(token);
  }

  /** Last in order. Most often it is there already, and a map that is changed each time is a slow one. */
  #put(token: string, remembered: Remembered): void {
    if (token === this.#newest) return;
    this.#known.delete(token);
    this.#known.set(token, remembered);
    this.#newest = token;
  }

  #remember(token: string, identity: Identity): void {
    this.#newest = undefined;
    this.#put(token, { identity, until: performance.now() + REMEMBERED_MS });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#tokensMax) return;
      this.#known.delete(oldest);
    }
  }
}
