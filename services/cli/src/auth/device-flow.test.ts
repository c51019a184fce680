import { Configuration, customFetch, None } from 'openid-client';
import { expect, test } from 'vitest';
import { EXIT } from '../exit-codes.ts';
import { deviceFlow } from './device-flow.ts';

const ISSUER = 'https://issuer.test';
const STARTED = {
  device_code: 'device',
  user_code: 'ABCD-EFGH',
  verification_uri: `${ISSUER}/device`,
  expires_in: 60,
  interval: 0.001,
};

/** A login at an issuer that answers polls like this, the last answer again and again. */
async function logIn(...answers: { status: number; body: object }[]) {
  let polls = 0;
  const endpoints = {
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/token`,
    device_authorization_endpoint: `${ISSUER}/device`,
  };
  const configuration = new Configuration(endpoints, 'cli', undefined, None());
  configuration[customFetch] = async (url) => {
    if (url !== endpoints.token_endpoint) return Response.json(STARTED);
    const { status, body } = answers[Math.min(polls++, answers.length - 1)] as (typeof answers)[number];
    return Response.json(body, { status });
  };
  const outcome = await deviceFlow({ issuer: ISSUER, configuration, show: () => {} }).catch((error: unknown) => error);
  return { outcome, polls };
}

const PENDING = { status: 400, body: { error: 'authorization_pending' } };
const BROKEN = { status: 500, body: { error: 'unknown_error' } };
const GRANTED = { status: 200, body: { access_token: 'token', token_type: 'bearer' } };

test('an issuer that fails for a moment is asked again', async () => {
  const { outcome, polls } = await logIn(PENDING, BROKEN, PENDING, BROKEN, GRANTED);
  expect(outcome).toMatchObject({ access_token: 'token' });
  expect(polls).toBe(5);
});

test('one that goes on failing is out of reach', async () => {
  const { outcome, polls } = await logIn(BROKEN);
  expect(outcome).toMatchObject({
    exitCode: EXIT.unreachable,
    message: `The issuer ${ISSUER} can't be reached (it answered 500): check its address, and that it is up.`,
  });
  expect(polls).toBe(5);
});

test('one that refuses is not asked again', async () => {
  const { outcome, polls } = await logIn({ status: 400, body: { error: 'access_denied' } });
  expect(outcome).toMatchObject({ exitCode: EXIT.notLoggedIn });
  expect(polls).toBe(1);
});
