import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings } from './load.ts';
import { apiSettings } from './parts/api.ts';
import { busSettings } from './parts/bus.ts';
import { databaseSettings } from './parts/database.ts';
import { healthSettings } from './parts/health.ts';
import { logSettings } from './parts/log.ts';
import { cleanupSettings, heartbeatSettings, jobHoldingSettings } from './parts/scheduling.ts';
import { shutdownSettings } from './parts/shutdown.ts';
import { standaloneSettings } from './parts/standalone.ts';
import { SettingsError } from './problems.ts';
import type { ServiceName } from './variable.ts';

const parts = {
  database: databaseSettings,
  bus: busSettings,
  holding: jobHoldingSettings,
  cleanup: cleanupSettings,
  heartbeat: heartbeatSettings,
  health: healthSettings,
  log: logSettings,
  shutdown: shutdownSettings,
};
const apiParts = { database: databaseSettings, bus: busSettings, api: apiSettings, log: logSettings };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function prefixed(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [`SIMPLE_SCHEDULER_${name}`, text]));
}

function load(env: Record<string, string> = {}, service: ServiceName = 'scheduler') {
  return loadSettings({ service, parts, env: prefixed(env), cwd });
}

function loadApi(env: Record<string, string> = {}, service: ServiceName = 'api') {
  return loadSettings({ service, parts: apiParts, env: prefixed(env), cwd });
}

/** The message of the error that loading ends in. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).message;
  }
  throw new Error('the settings were accepted');
}

describe('defaults', () => {
  it('are those of the contract', () => {
    const { database, bus, ...rest } = load();
    expect(database.type === 'mongodb' && database.connectionString.reveal()).toBe('mongodb://localhost:27017');
    expect(database.type === 'mongodb' && database.name).toBe('simpleScheduler');
    expect(bus.type === 'rabbitmq' && bus.connectionString.reveal()).toBe('amqp://guest:guest@localhost:5672/');
    expect(rest).toEqual({
      holding: { maxJobs: 0, cacheRefreshIntervalMs: 30_000 },
      cleanup: { cleanupIntervalMs: 5_000 },
      heartbeat: { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 10_000 },
      health: { address: { port: 9090 } },
      log: { level: 'info' },
      shutdown: { timeoutMs: 10_000 },
    });
  });

  it.each([
    ['scheduler', 9090],
    ['custodian', 9091],
    ['executor', 9092],
  ] as const)('let the health server of the %s listen on all interfaces, port %d', (service, port) => {
    expect(load({}, service).health.address).toEqual({ port });
  });

  it('of the standalone service are SQLite, the memory bus, no authentication and this machine only', () => {
    const { database, bus, api } = loadApi({}, 'standalone');
    expect(database).toEqual({ type: 'sqlite', path: './data/simple-scheduler.db' });
    expect(bus).toEqual({ type: 'memory' });
    expect(api).toEqual({
      address: { host: '127.0.0.1', port: 8080 },
      auth: { kind: 'none' },
      corsOrigins: [],
      requestsPerMinute: 600_000,
    });
    expect(load({}, 'standalone').health.address.host).toBe('127.0.0.1');
    expect(
      loadSettings({ service: 'standalone', parts: { standalone: standaloneSettings }, env: {}, cwd }).standalone,
    ).toEqual({ sample: true });
  });

  it('hold where a variable is set to nothing', () => {
    expect(load({ MAX_JOBS: '' }).holding.maxJobs).toBe(0);
  });
});

describe('sources', () => {
  it('reads the process first, then the .env file, then defaults', () => {
    writeFileSync(
      join(cwd, '.env'),
      '\uFEFFSIMPLE_SCHEDULER_CLEANUP_INTERVAL=700\r\nSIMPLE_SCHEDULER_MAX_JOBS=7\r\n# ours\nexport SIMPLE_SCHEDULER_LOG_LEVEL="debug"\nOTHER=1\n',
    );
    const settings = load({ MAX_JOBS: '9' });
    expect(settings.holding.maxJobs).toBe(9);
    expect(settings.log.level).toBe('debug');
    expect(settings.cleanup.cleanupIntervalMs).toBe(700);
    expect(settings.shutdown.timeoutMs).toBe(10_000);
  });

  it('says so when the .env file cannot be read', () => {
    mkdirSync(join(cwd, '.env'));
    expect(refusal(() => load())).toContain(`${join(cwd, '.env')}: cannot be read (EISDIR)`);
  });

  it('reads a secret from a file, less its line end, by a path that starts at the working directory', () => {
    writeFileSync(join(cwd, 'db.secret'), 'mongodb://ada:s3cret@db:27017/\n');
    const { database } = load({ DB_CONNECTION_STRING_FILE: 'db.secret' });
    expect(database.type === 'mongodb' && database.connectionString.reveal()).toBe('mongodb://ada:s3cret@db:27017/');
  });

  it('lets a file named by the process win over a value in the .env file, and the other way round', () => {
    writeFileSync(join(cwd, 'jobs'), '5');
    writeFileSync(join(cwd, '.env'), 'SIMPLE_SCHEDULER_MAX_JOBS=7\nSIMPLE_SCHEDULER_CLEANUP_INTERVAL_FILE=jobs\n');
    const settings = load({ MAX_JOBS_FILE: 'jobs', CLEANUP_INTERVAL: '900' });
    expect(settings.holding.maxJobs).toBe(5);
    expect(settings.cleanup.cleanupIntervalMs).toBe(900);
  });

  it('does not look at what a file says in the one form where the process says it in the other', () => {
    writeFileSync(
      join(cwd, '.env'),
      'SIMPLE_SCHEDULER_DB_CONNECTION_STRING_FILE=/nosuch\nSIMPLE_SCHEDULER_MAX_JOBS=7\nSIMPLE_SCHEDULER_MAX_JOBS_FILE=x\n',
    );
    const { database, holding } = load({ DB_CONNECTION_STRING: 'mongodb://db', MAX_JOBS: '9' });
    expect(database.type === 'mongodb' && database.connectionString.reveal()).toBe('mongodb://db');
    expect(holding.maxJobs).toBe(9);
  });

  it('tells which of them said what is wrong', () => {
    const path = join(cwd, '.env');
    writeFileSync(join(cwd, 'number'), 'many');
    writeFileSync(
      path,
      'SIMPLE_SCHEDULER_LOG_LEVEL=loud\nSIMPLE_SCHEDULER_MAX_JOBS_FILE=number\nSIMPLE_SCHEDULER_DB_NAME=a b\n',
    );
    const lines = refusal(() => load({ DB_NAME: 'c d', SHUTDOWN_TIMEOUT: 'x' })).split('\n');
    const wrongIn = (below: string) =>
      lines.filter((_, at) => lines[at + 1]?.includes(below)).map((line) => line.trim());
    expect(wrongIn(`Set in: ${path}`)).toEqual([
      expect.stringContaining('SIMPLE_SCHEDULER_MAX_JOBS="many"'),
      expect.stringContaining('SIMPLE_SCHEDULER_LOG_LEVEL="loud"'),
    ]);
    expect(lines.filter((line) => line.includes('Set in'))).toHaveLength(2);
  });

  it('refuses lines of the .env file that say nothing, by their numbers only', () => {
    writeFileSync(
      join(cwd, '.env'),
      '# ours\r\nA="x\n  hidden\n" # y\nhidden\n\nexport B = c\n  # d\nhidden: 1\nC=\'x\nhidden=1=2\nhid den=1\n=hidden',
    );
    const text = refusal(() => load());
    const line = (number: number) => `  ${join(cwd, '.env')}:${number}: is neither NAME=value nor a comment`;
    expect(text.split('\n').slice(1)).toEqual([5, 9, 12, 13].map(line));
    expect(text).not.toContain('hid');
  });

  it('refuses files that are missing or empty, and a value and a file at once', () => {
    writeFileSync(join(cwd, 'empty'), '\n');
    const text = refusal(() =>
      load({
        DB_CONNECTION_STRING_FILE: 'missing',
        MESSAGEBUS_CONNECTION_STRING_FILE: 'empty',
        MAX_JOBS: '1',
        MAX_JOBS_FILE: 'empty',
      }),
    );
    expect(text).toContain('SIMPLE_SCHEDULER_DB_CONNECTION_STRING_FILE="missing": that file cannot be read (ENOENT)');
    expect(text).toContain('SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING_FILE="empty": that file is empty');
    expect(text).toContain('SIMPLE_SCHEDULER_MAX_JOBS_FILE: is set together with SIMPLE_SCHEDULER_MAX_JOBS');
  });
});

describe('problems', () => {
  it('are all told in one message, each with its variable, what is wrong and an example', () => {
    const text = refusal(() =>
      load({
        MAX_JOBS: 'many',
        LOG_LEVEL: 'loud',
        HEALTH_URL: 'http://localhost:9090',
        DB_TYPE: 'postgres',
        HEARTBEAT_INTERVAL: '6000',
        SHUTDOWN_TIMEOUT: '-1',
        CLEANUP_INTERVAL: '5s',
      }),
    );
    expect(text).toContain("Simple Scheduler's scheduler cannot start: 7 settings are wrong.");
    expect(text).toContain('SIMPLE_SCHEDULER_MAX_JOBS="many" must be a whole number from 0 to 100000000');
    expect(text).toContain('Example: SIMPLE_SCHEDULER_MAX_JOBS=500');
    expect(text).toContain('SIMPLE_SCHEDULER_LOG_LEVEL="loud" must be one of trace, debug, info, warn, error, fatal');
    expect(text).toContain('SIMPLE_SCHEDULER_HEALTH_URL="http://localhost:9090" must be an address with a port');
    expect(text).toContain('SIMPLE_SCHEDULER_DB_TYPE="postgres" must be one of mongodb, sqlite');
    expect(text).toContain(
      'SIMPLE_SCHEDULER_HEARTBEAT_TIMEOUT="10000" must be at least 2 times HEARTBEAT_INTERVAL (6000)',
    );
    expect(text).toContain('SIMPLE_SCHEDULER_SHUTDOWN_TIMEOUT="-1" must be a whole number of milliseconds');
    expect(text).toContain('SIMPLE_SCHEDULER_CLEANUP_INTERVAL="5s" must be a whole number of milliseconds');
  });

  it.each([
    ['MAXJOBS', 'MAX_JOBS'],
    ['DB_CONECTION_STRING', 'DB_CONNECTION_STRING'],
    ['MESSAGE_BUS_TYPE', 'MESSAGEBUS_TYPE'],
    ['HEARTBEAT_TIMOEUT', 'HEARTBEAT_TIMEOUT'],
    ['OIDC_ISUER_FILE', 'OIDC_ISSUER'],
  ])('include the unknown variable %s, with %s as what was meant', (wrong, right) => {
    expect(refusal(() => load({ [wrong]: '1' }))).toContain(
      `SIMPLE_SCHEDULER_${wrong} is not a setting. Did you mean SIMPLE_SCHEDULER_${right}?`,
    );
  });

  it('include unknown variables of the .env file, and suggest nothing where nothing is near', () => {
    writeFileSync(join(cwd, '.env'), 'SIMPLE_SCHEDULER_ENTIRELY_OTHER_THING=1\n');
    expect(refusal(() => load())).toMatch(/SIMPLE_SCHEDULER_ENTIRELY_OTHER_THING is not a setting\n {6}Set in: .*$/);
  });

  it('do not include what belongs to other services, to tests or to other programs', () => {
    const env = { API_URL: ':1', OIDC_ISSUER: 'not checked here', TOKEN: 'x', TEST_ANYTHING: '1', SAMPLE: 'no' };
    expect(load(env).holding.maxJobs).toBe(0);
    expect(loadSettings({ service: 'scheduler', parts, env: { SIMPLE: '1', PATH: '/bin' }, cwd }).log.level).toBe(
      'info',
    );
  });

  it('do not include what Kubernetes tells of a Service, also where that looks like the name of a file', () => {
    const service = { API_PORT: 'tcp://10.0.0.7:80', API_SERVICE_PORT_KEY_FILE: '80' };
    expect(load(service).holding.maxJobs).toBe(0);
    expect(refusal(() => load({ API_PORT: '8080' }))).toContain('SIMPLE_SCHEDULER_API_PORT is not a setting');
  });

  it('say that a secret, which is not shown, is in quotes', () => {
    const text = refusal(() => load({ DB_CONNECTION_STRING: '"mongodb://ada:s3cret@db"', LOG_LEVEL: '"info"' }));
    expect(text).toMatch(/DB_CONNECTION_STRING must begin with .*; it is in quotes/);
    expect(text).toContain('LOG_LEVEL=""info"" must be one of');
    expect(text).not.toContain('s3cret');
  });

  it('never show a secret', () => {
    const text = refusal(() =>
      load({ DB_CONNECTION_STRING: 'mongo://ada:s3cret@db', MESSAGEBUS_CONNECTION_STRING: 'http://bob:hidden@mq' }),
    );
    expect(text).toContain('SIMPLE_SCHEDULER_DB_CONNECTION_STRING must begin with mongodb://');
    expect(text).toContain('SIMPLE_SCHEDULER_MESSAGEBUS_CONNECTION_STRING must be a URL that begins with amqp://');
    expect(text).not.toMatch(/s3cret|hidden/);
  });
});

describe('relations', () => {
  it('accepts a heartbeat timeout of exactly two intervals', () => {
    const { heartbeat } = load({ HEARTBEAT_INTERVAL: '200', HEARTBEAT_TIMEOUT: '400' });
    expect(heartbeat).toEqual({ heartbeatIntervalMs: 200, heartbeatTimeoutMs: 400 });
    expect(refusal(() => load({ HEARTBEAT_INTERVAL: '200', HEARTBEAT_TIMEOUT: '399' }))).toContain('that is 400');
  });

  it('compares a custodian’s timeout with an interval only where it was told one', () => {
    expect(load({ HEARTBEAT_TIMEOUT: '900' }, 'custodian').heartbeat.heartbeatTimeoutMs).toBe(900);
    expect(refusal(() => load({ HEARTBEAT_TIMEOUT: '900' }))).toContain('HEARTBEAT_TIMEOUT="900" must be at least');
    expect(refusal(() => load({ HEARTBEAT_TIMEOUT: '900', HEARTBEAT_INTERVAL: '500' }, 'custodian'))).toContain('1000');
  });

  it('keeps the memory bus to the standalone service', () => {
    expect(refusal(() => load({ MESSAGEBUS_TYPE: 'memory' }))).toContain(
      'SIMPLE_SCHEDULER_MESSAGEBUS_TYPE="memory" is possible in the standalone service only',
    );
    expect(load({ MESSAGEBUS_TYPE: 'memory' }, 'standalone').bus).toEqual({ type: 'memory' });
  });

  it('lets the standalone service follow whoever names a broker or an issuer, unless told otherwise', () => {
    const env = { MESSAGEBUS_CONNECTION_STRING: 'amqp://broker', OIDC_ISSUER: 'https://id.example' };
    const { bus, api } = loadApi(env, 'standalone');
    expect(bus.type).toBe('rabbitmq');
    expect(api).toMatchObject({ address: { port: 8080 }, auth: { kind: 'oidc', issuer: 'https://id.example' } });
    const told = loadApi({ ...env, MESSAGEBUS_TYPE: 'memory', AUTH: 'none' }, 'standalone');
    expect([told.bus.type, told.api.auth.kind]).toEqual(['memory', 'none']);
  });

  it('takes the connection string for a file where the database is SQLite', () => {
    expect(load({ DB_TYPE: 'sqlite' }).database).toEqual({ type: 'sqlite', path: './data/simple-scheduler.db' });
    expect(load({ DB_TYPE: 'sqlite', DB_CONNECTION_STRING: 'x.db' }).database).toEqual({
      type: 'sqlite',
      path: 'x.db',
    });
    expect(refusal(() => load({ DB_TYPE: 'sqlite', DB_CONNECTION_STRING: 'mongodb://db' }))).toContain(
      'must be the path of a file',
    );
    expect(refusal(() => load({ DB_NAME: 'a/b' }))).toContain('must be a MongoDB database name');
  });
});

describe('the API', () => {
  it('does not start without an issuer unless authentication is off', () => {
    expect(refusal(() => loadApi())).toContain('SIMPLE_SCHEDULER_OIDC_ISSUER is missing');
    expect(refusal(() => loadApi())).toContain('SIMPLE_SCHEDULER_AUTH=none');
    const { api } = loadApi({ OIDC_ISSUER: 'https://id.example/realms/a', OIDC_AUDIENCE: 'api' });
    expect(api).toEqual({
      address: { port: 8080 },
      auth: { kind: 'oidc', issuer: 'https://id.example/realms/a', audience: 'api' },
      corsOrigins: [],
      requestsPerMinute: 600_000,
    });
    expect(refusal(() => loadApi({ OIDC_ISSUER: 'id.example' }))).toContain('must be a URL that begins with http');
  });

  it.each([
    [':0', { host: '127.0.0.1', port: 0 }],
    ['localhost:81', { host: 'localhost', port: 81 }],
    ['[::1]:81', { host: '::1', port: 81 }],
  ])('without authentication listens on this machine only: %s', (text, address) => {
    expect(loadApi({ AUTH: 'none', API_URL: text }).api).toEqual({
      address,
      auth: { kind: 'none' },
      corsOrigins: [],
      requestsPerMinute: 600_000,
    });
  });

  it('lets in pages of the origins that it is told, and only of such that can be one', () => {
    const origins = (text: string): readonly string[] => loadApi({ AUTH: 'none', CORS_ORIGINS: text }).api.corsOrigins;
    expect(origins('https://a.example, http://localhost:3000')).toEqual(['https://a.example', 'http://localhost:3000']);
    for (const wrong of ['*', 'null', 'a.example', 'https://a.example/', 'https://a.example,', 'ftp://a.example']) {
      expect(() => origins(wrong)).toThrow(/CORS_ORIGINS="[^"]*" must be origins like/);
    }
  });

  it.each(['0.0.0.0:8080', '[::]:8080', '10.0.0.1:80', 'example.org:80', '127.evil.example:80'])(
    'without authentication refuses %s',
    (text) => {
      expect(refusal(() => loadApi({ AUTH: 'none', API_URL: text }))).toContain('must be on this machine only');
    },
  );
});

describe('the result', () => {
  it('is frozen through and through', () => {
    const settings = load();
    expect(
      Object.isFrozen(settings) && Object.isFrozen(settings.health) && Object.isFrozen(settings.health.address),
    ).toBe(true);
    expect(() => Object.assign(settings.log, { level: 'debug' })).toThrow(TypeError);
  });

  it('shows no password, however it is printed', () => {
    const settings = load({
      DB_CONNECTION_STRING: 'mongodb://ada:p@ss/w:rd@db:27017/x?tlsCertificateKeyFilePassword=p2ss&w=1',
      MESSAGEBUS_CONNECTION_STRING: 'amqps://bob:hidden@mq/',
    });
    const printed = [
      JSON.stringify(settings),
      inspect(settings, { depth: 9 }),
      `${JSON.stringify(Object.values(settings))}`,
    ];
    for (const text of printed) expect(text).not.toMatch(/p@ss|w:rd|p2ss|hidden/);
    expect(printed[0]).toContain('mongodb://ada:***@db:27017/x?tlsCertificateKeyFilePassword=***&w=1');
    expect(printed[1]).toContain('amqps://bob:***@mq/');
  });
});
