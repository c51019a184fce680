import { freePort } from '@simple-scheduler/testkit';
import { sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { openIssuer } from './issuer-under-test.ts';
import { saying, start } from './started-service.ts';

/** Planted wherever a secret may stand; whatever a service says is searched for it. */
const PLANTED = 'pl4nted';
const planted = (where: string): string => `${PLANTED}-${where}-k9QzT7vXw2`;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Looks like a token; its signature is the secret, as what comes before it says nothing without. */
const JWT = `${part({ alg: 'RS256', kid: 'x' })}.${part({ sub: planted('claim') })}.${planted('signature')}`;

let brokerUrl: string;
beforeAll(async () => {
  brokerUrl = (await sharedRabbitmq()).url;
});
/** All of an answer that its reader sees. */
async function seen(url: string, options: RequestInit = {}): Promise<string> {
  const response = await fetch(url, options);
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
}

function expectNothingPlanted(text: string): void {
  const at = text.indexOf(PLANTED);
  expect(at === -1 ? '' : text.slice(Math.max(0, at - 200), at + 100)).toBe('');
  const encoded = Buffer.from(PLANTED).toString('base64').slice(0, 8);
  expect(text.includes(encoded) ? encoded : '').toBe('');
}

describe('secrets', { timeout: 120_000 }, () => {
  it.each(['api', 'scheduler', 'custodian'] as const)(
    'of connections do not show while %s waits for them',
    async (service) => {
      const port = await freePort();
      const health = await freePort();
      const running = await start(service, {
        DB_CONNECTION_STRING: `mongodb://user:${planted('db')}@127.0.0.1:${port}/?serverSelectionTimeoutMS=300&connectTimeoutMS=300`,
        ...(service === 'custodian'
          ? {}
          : { MESSAGEBUS_CONNECTION_STRING: `amqp://user:${planted('bus')}@127.0.0.1:${port}/` }),
        ...(service === 'api' ? { AUTH: 'none', API_URL: ':0' } : { HEALTH_URL: `127.0.0.1:${health}` }),
      });
      await saying(running, /"level":"?(warn|error|40|50).*database/i);
      if (service !== 'api') {
        for (const page of ['healthz', 'readyz', 'metrics']) {
          expectNothingPlanted(await seen(`http://127.0.0.1:${health}/${page}`));
        }
      }
      await running.stop();
      expectNothingPlanted(running.said());
    },
  );

  it('of a setting that is wrong do not show in what is said of it', async () => {
    const running = await start('api', {
      DB_CONNECTION_STRING: `mongo//user:${planted('db')}@127.0.0.1/`,
      MESSAGEBUS_CONNECTION_STRING: `amqq://user:${planted('bus')}@127.0.0.1/`,
      AUTH: 'none',
    });
    await saying(running, /cannot start/);
    await running.stop();
    expect(running.said()).toContain('DB_CONNECTION_STRING');
    expectNothingPlanted(running.said());
  });

  it('of callers and connections do not show in logs, errors, documents and pages of a working API', async () => {
    const rabbitmq = new URL(brokerUrl);
    rabbitmq.username = 'nobody';
    rabbitmq.password = planted('bus');
    const issuer = await openIssuer();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const running = await start('api', {
      DB_TYPE: 'sqlite',
      DB_CONNECTION_STRING: './api.db',
      MESSAGEBUS_CONNECTION_STRING: rabbitmq.href,
      OIDC_ISSUER: issuer.url,
      API_URL: `127.0.0.1:${port}`,
    });
    await saying(running, /"msg":"ready"/);
    await saying(running, /message bus|broker/i);
    const good = await issuer.token();
    const answers = await tryAll(url, good);
    await issuer.stop();
    answers.push(await seen(`${url}/api/jobs`, { headers: { authorization: `Bearer ${planted('late')}` } }));
    await running.stop();
    expectNothingPlanted(answers.join('\n'));
    expectNothingPlanted(running.said());
    expect(running.said()).not.toContain(good);
    expect(running.said()).not.toContain(good.split('.')[2]);
    // The log is not just silent.
    expect(running.said()).toContain('/api/jobs');
  });

  it('do not show on the pages of the standalone service', async () => {
    const port = await freePort();
    const health = await freePort();
    const running = await start('standalone', {
      AUTH: 'oidc',
      OIDC_ISSUER: `http://127.0.0.1:${await freePort()}/realm`,
      API_URL: `127.0.0.1:${port}`,
      HEALTH_URL: `127.0.0.1:${health}`,
    });
    await saying(running, /"msg":"ready"/);
    const answers = await tryAll(`http://127.0.0.1:${port}`, planted('token'));
    for (const page of ['healthz', 'readyz', 'metrics']) answers.push(await seen(`http://127.0.0.1:${health}/${page}`));
    await running.stop();
    expectNothingPlanted(answers.join('\n'));
    expectNothingPlanted(running.said());
  });
});

/** Secrets in every place where callers put them, by mistake too. What it answers, all of it. */
async function tryAll(url: string, good: string): Promise<string[]> {
  const asked: [string, RequestInit?][] = [
    ['/api/jobs', { headers: { authorization: `Bearer ${good}` } }],
    ['/api/jobs', { headers: { authorization: `Bearer ${JWT}` } }],
    ['/api/jobs', { headers: { authorization: `Bearer ${planted('opaque')}` } }],
    ['/api/jobs', { headers: { authorization: `Basic ${btoa(`user:${planted('basic')}`)}` } }],
    ['/api/jobs', { headers: { cookie: `session=${planted('cookie')}`, 'x-api-key': planted('key') } }],
    [`/api/jobs?access_token=${planted('query')}`],
    [`/api/jobs?access_token=${planted('query')}`, { headers: { authorization: `Bearer ${good}` } }],
    [`/api/nothing?token=${planted('query')}&client_secret=${planted('query')}`],
    ['/api/jobs', { headers: { 'x-request-id': `Bearer ${planted('request-id')}` } }],
    ...['/api/docs', '/api/openapi.json', '/api/status', '/healthz', '/readyz'].map((path): [string] => [path]),
  ];
  return Promise.all(asked.map(([path, options]) => seen(`${url}${path}`, options)));
}
