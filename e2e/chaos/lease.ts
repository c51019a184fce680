/** Silence after which a scheduler's jobs are given away. */
export const LEASE_MS = 5_000;
