import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type IssuerUnderTest, openIssuer, type Signer } from '../../test/issuer-under-test.ts';
import type { Authenticator } from './access.ts';
import { createOidcAuthenticator } from './oidc.ts';

const MINUTE_MS = 60_000;

let issuer: IssuerUnderTest;
let authenticator: Authenticator;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  issuer = await openIssuer();
  authenticator = createOidcAuthenticator({ issuer: issuer.url });
});
afterEach(async () => {
  vi.useRealTimers();
  await issuer.stop();
});

/** What becomes of a token that was signed now: `let in`, or the code of the refusal. */
async function outcome(signer?: Signer): Promise<string> {
  const token = await issuer.token({}, signer);
  try {
    await authenticator.authenticate(token);
    return 'let in';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
const keyRequests = (): number => issuer.asked.filter((path) => path.endsWith('/keys')).length;
const pass = (ms: number): void => void vi.advanceTimersByTime(ms);
const UNKNOWN = 'the token is not signed with a key of the issuer';

it('a key that the issuer adds is picked up, and its old one stays good', async () => {
  expect(await outcome()).toBe('let in');
  const added = await issuer.rotate();
  pass(MINUTE_MS);
  expect(await outcome(added)).toBe(UNKNOWN);
  await issuer.publish(added);
  pass(MINUTE_MS);
  expect([await outcome(added), await outcome()]).toEqual(['let in', 'let in']);
  expect(keyRequests()).toBe(3);
});

it('keys that nobody has published cost one request of the issuer per half minute, however many come', async () => {
  expect(await outcome()).toBe('let in');
  const { key } = await issuer.rotate();
  for (let round = 1; round <= 3; round += 1) {
    pass(31_000);
    const flood = Array.from({ length: 50 }, (_, i) => outcome({ alg: 'RS256', kid: `made-up-${round}-${i}`, key }));
    expect(new Set(await Promise.all(flood))).toEqual(new Set([UNKNOWN]));
    for (let i = 0; i < 20; i += 1) await outcome({ alg: 'RS256', kid: `later-${i}`, key });
    expect(keyRequests()).toBe(1 + round);
  }
});

it('while the issuer is away, its known keys go on working for an hour, unknown ones do not, and it is not stormed', async () => {
  expect(await outcome()).toBe('let in');
  const { key } = await issuer.rotate();
  const stranger: Signer = { alg: 'RS256', kid: 'made-up', key };
  await issuer.stop();
  pass(11 * MINUTE_MS);
  expect([await outcome(), await outcome(stranger), await outcome()]).toEqual(['let in', UNKNOWN, 'let in']);
  pass(45 * MINUTE_MS);
  expect(await outcome()).toBe('let in');
  pass(10 * MINUTE_MS);
  expect(await outcome()).toContain("the issuer's keys cannot be read");
  await issuer.start();
  pass(3_000);
  expect([await outcome(), await outcome(stranger)]).toEqual(['let in', UNKNOWN]);
});

it('tells whether the issuer is there, without asking it each time', async () => {
  expect(await authenticator.issuerState()).toBe('reachable');
  const asked = issuer.asked.length;
  for (let i = 0; i < 20; i += 1) await authenticator.issuerState();
  expect(issuer.asked).toHaveLength(asked);
  await issuer.stop();
  pass(31_000);
  expect(await authenticator.issuerState()).toBe('away');
  expect([await outcome(), await authenticator.check()]).toEqual(['let in', undefined]);
  await issuer.start();
  pass(3_000);
  expect(await authenticator.issuerState()).toBe('reachable');
});

it('a clock may be wrong by half a minute, and by no more', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const admits = async (claims: object): Promise<boolean> =>
    authenticator.authenticate(await issuer.token({ ...claims })).then(
      () => true,
      () => false,
    );
  expect(await admits({ exp: now - 28 })).toBe(true);
  expect(await admits({ exp: now - 31 })).toBe(false);
  expect(await admits({ nbf: now + 29 })).toBe(true);
  expect(await admits({ nbf: now + 32 })).toBe(false);
});
