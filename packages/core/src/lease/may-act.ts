/** Share of the heartbeat timeout after which a scheduler that could not renew stops starting runs. */
const TRUST_SHARE = 0.7;

/** Whether a manager may still act as the holder of its jobs, by its own clock only. */
export function mayAct(
  lease: { readonly renewedAt: number; readonly heartbeatTimeoutMs: number },
  now: number,
): boolean {
  const age = now - lease.renewedAt;
  // A clock that went back says nothing about the age: the next renewal will.
  return age < lease.heartbeatTimeoutMs * TRUST_SHARE;
}
