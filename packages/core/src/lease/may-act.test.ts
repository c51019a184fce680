import { describe, expect, it } from 'vitest';
import { mayAct } from './may-act.ts';

describe('mayAct', () => {
  it('trusts a lease for most of its timeout', () => {
    const lease = { renewedAt: 1_000, heartbeatTimeoutMs: 10_000 };
    expect(mayAct(lease, 7_999)).toBe(true);
    expect(mayAct(lease, 8_000)).toBe(false);
  });
});
