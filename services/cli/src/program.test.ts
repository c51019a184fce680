import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cliUnderTest } from '../test/run-cli.ts';
import type { CliUnderTest, Outcome } from '../test/run-cli.ts';
import { runInProcess } from '../test/run-in-process.ts';

// Each start of the program takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let cli: CliUnderTest;
beforeAll(async () => {
  cli = await cliUnderTest();
});
afterAll(() => cli[Symbol.asyncDispose]());

/** Runs the program against something that listens where the API should. */
async function against(listener: RequestListener, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  try {
    return await cli.run(args, { env: { SIMPLE_SCHEDULER_URL: url, ...env } });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('a wrong command line is refused with a sentence, and nothing on stdout', () => {
  test.each<[string, string]>([
    [
      'lst jobs',
      "Unknown command 'lst': did you mean `simple-scheduler-cli list jobs`? See `simple-scheduler-cli --help`.",
    ],
    ['list job', "Unknown command 'job': did you mean `simple-scheduler-cli list jobs`?"],
    ['jobs list', "Unknown command 'jobs': did you mean `simple-scheduler-cli list jobs`?"],
    ['-o json job add x', "Unknown command 'job': did you mean `simple-scheduler-cli add job x`?"],
    ['--every 5s lst runs', "Unknown command 'lst': did you mean `simple-scheduler-cli list runs`?"],
    ['runs', "Unknown command 'runs': did you mean `simple-scheduler-cli list runs`?"],
    ['run send-report', "Unknown command 'send-report': did you mean `simple-scheduler-cli run job send-report`?"],
    ['cancel job', "Unknown command 'job': did you mean `simple-scheduler-cli cancel run`?"],
    ['get nothing', "Unknown command 'nothing'. See `simple-scheduler-cli get --help`."],
    ['frobnicate', "Unknown command 'frobnicate'. See `simple-scheduler-cli --help`."],
    ['add job --watch', 'There is nothing to watch in `add job`: leave --watch out.'],
    ['list runs -s runing', '"runing" is no value for --status: did you mean running? Give one or more of pending,'],
    ['list jobs -o jsn', '"jsn" is no value for --output: did you mean json? Allowed choices are table,'],
    ['list runs --job', '--job needs a value. See `simple-scheduler-cli list runs --help`.'],
    ['list jobs --wach', "Unknown option '--wach'"],
    ['list jobs --watch --every 0', 'Give a duration from 100 ms to 24h.'],
    ['list jobs -o xml', 'Allowed choices are table, wide, json, yaml, name.'],
    ['list jobs --limit 0', 'Give a whole number of 1 or more.'],
    ['list jobs extra', 'Too many arguments'],
    ['list runs -s done', 'Give one or more of pending, running'],
    ['list runs --created-before yesterday', 'Give a time like'],
    ['get job', 'Name the job, as an argument or with -n.'],
    ['get job ..', 'A name has letters'],
    ['get job a -n b', 'The job is named twice, a and b'],
    ['get run 42', 'A run id has 24 characters'],
    ['cancel run', "Missing required argument 'ids'"],
    ['add job -n x -i soon', 'Give a duration like 1500 (milliseconds), 90s, 5m or 1h30m.'],
    [
      'add job -n x -i 5m --cron * ',
      "Option '-i, --interval <duration>' cannot be used with option '--cron <expression>'",
    ],
    ['add job -n x -e maybe', 'Give true or false.'],
    ['add job -n x -q -1', 'Give a whole number.'],
    ['add job -n x --payload {a:1}', 'It is not valid JSON'],
    ['add job -n x --payload @/nowhere', "/nowhere can't be read (ENOENT)"],
    ['add job -n x --meta team', 'Give it as key=value.'],
    ['add job -n x --misfire-policy later', 'Allowed choices are fire_once, skip, fire_all.'],
    ['add job -n x --retry-backoff linear', 'Allowed choices are fixed, exponential.'],
    ['add job -n x --end-at tomorrow', 'Give a time like'],
    ['add job -n x --on-success y', "Unknown option '--on-success'"],
    ['update job x', 'Nothing to change'],
    ['update job x --clear cron --cron *', 'cron is both given and cleared'],
    ['update job x --clear name', 'Give one or more of description'],
    ['run job x --idempotency-key ü', 'Give 1 to 255 visible ASCII characters.'],
    ['status --timeout 0', 'Give a duration from 1 ms to 24h.'],
    ['status --timeout 9999h', 'Give a duration from 1 ms to 24h.'],
    ['logs run x -f', '`logs` is not available in this version'],
    ['apply', "Required option '-f, --file <path>' not specified"],
    ['apply -f /nowhere/jobs.yaml', "/nowhere/jobs.yaml can't be read (ENOENT)"],
    ['import -f jobs.yaml', '`import` is not available in this version'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish.'],
    ['status -u ftp://x', 'It must start with http:// or https://.'],
    ['status -u http://a:b@localhost', 'It must not carry a user or password.'],
    ['status -u nonsense', 'It must be an address like'],
    ['login', 'Say where to log in, once'],
    ['login --service -i https://id.example.org', '--service needs the secret of the client'],
    ['login --service --device', 'cannot be used with option'],
  ])('%s', async (line, sentence) => {
    const { code, out, err } = await runInProcess(line.split(' ').filter(Boolean));
    expect(err).toContain(sentence);
    expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 });
    expect(err).toMatch(/^Error: /);
  });

  test('an unfinished one shows the help on stderr', async () => {
    for (const args of [[], ['list']]) {
      const { code, out, err } = await runInProcess(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('Usage: simple-scheduler-cli');
    }
  });

  test('an address in the environment is held to the same rules', async () => {
    const { code, err } = await cli.run(['status'], { env: { SIMPLE_SCHEDULER_URL: 'nonsense' } });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('SIMPLE_SCHEDULER_URL') });
  });
});

test('help for a command is its own, not that of its verb', async () => {
  const { out } = await runInProcess(['add', 'job', '--help']);
  for (const args of [
    ['help', 'add', 'job'],
    ['-o', 'json', 'help', 'add', 'job'],
  ]) {
    expect(await runInProcess(args)).toEqual({ code: 0, out, err: '' });
  }
  expect(out).toContain('Usage: simple-scheduler-cli add job [options] [name]');
});

test('help and version go to stdout', async () => {
  for (const args of [['--help'], ['help', 'list'], ['add', 'job', '--help']]) {
    const { code, out, err } = await runInProcess(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Usage: simple-scheduler-cli');
    expect(out).not.toContain('logs');
  }
  expect(await cli.run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

describe('what is no API is told apart from one that refuses', () => {
  test('nobody there', async () => {
    const { port } = await new Promise<AddressInfo>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as AddressInfo;
        server.close(() => resolve(address));
      });
    });
    const { code, out, err } = await cli.run(['list', 'jobs', '-u', `http://127.0.0.1:${port}/api`, '--verbose']);
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toContain(`Error: Nothing answers at http://127.0.0.1:${port}/api: start the API`);
    expect(err).toContain('cause: TypeError: fetch failed');
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('a web page', async () => {
    const page: RequestListener = (_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Hi</h1>');
    expect(await against(page, ['status'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('is no Simple Scheduler API'),
    });
  });

  test('a page that is not found', async () => {
    const lost: RequestListener = (_request, response) => response.writeHead(404).end('not found');
    expect(await against(lost, ['list', 'jobs'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('ends in /api'),
    });
  });

  test('silence', async () => {
    const outcome = await against(() => {}, ['status', '--timeout', '100ms']);
    expect(outcome).toMatchObject({ code: 4, err: expect.stringContaining('did not answer in time') });
  });
});

test('a logout removes logins that are damaged or open to others', async () => {
  const file = join(cli.folder, 'config', 'credentials.json');
  await mkdir(dirname(file), { recursive: true });
  for (const [text, mode] of [
    ['{"version":', 0o600],
    ['{"version":1,"logins":{}}', 0o644],
  ] as const) {
    await writeFile(file, text, { mode });
    await chmod(file, mode);
    const { code, out, err } = await cli.run(['logout']);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain(`The logins in ${file} could not be used`);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await cli.run(['logout'])).err).toMatch(/^There was no login to /);
  }
});

describe('a token of the environment', () => {
  const unauthorized: RequestListener = (request, response) => {
    const detail = `the token ${request.headers.authorization ?? 'is missing'}`;
    const problem = {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail,
      error: detail,
      code: 'unauthorized',
      requestId: 'r',
    };
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  };

  test('is sent, and when it is refused the way out is told', async () => {
    const { code, err } = await against(unauthorized, ['list', 'jobs'], { SIMPLE_SCHEDULER_TOKEN: 'tok-1' });
    expect(code).toBe(3);
    expect(err).toBe(
      'Error: The token in SIMPLE_SCHEDULER_TOKEN was refused (the token Bearer tok-1): set a new one, or unset it and run `simple-scheduler-cli login`.\n',
    );
  });

  test('may come from a file', async () => {
    const path = join(cli.folder, 'token');
    await writeFile(path, 'tok-2\n');
    const { err } = await against(unauthorized, ['list', 'jobs'], { SIMPLE_SCHEDULER_TOKEN_FILE: path });
    expect(err).toContain('The token in SIMPLE_SCHEDULER_TOKEN_FILE was refused (the token Bearer tok-2): ');
    const missing = await against(unauthorized, ['list', 'jobs'], { SIMPLE_SCHEDULER_TOKEN_FILE: `${path}x` });
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('SIMPLE_SCHEDULER_TOKEN_FILE names') });
  });

  test('that is none is refused without being shown', async () => {
    const outcome = await runInProcess(['list', 'jobs'], { SIMPLE_SCHEDULER_TOKEN: 'secret\ninjected: yes' });
    expect(outcome).toMatchObject({ code: 2, err: expect.stringContaining('holds characters that no token has') });
    expect(outcome.err).not.toContain('secret');
  });

  test('is told of by whoami without asking anyone', async () => {
    const claims = Buffer.from(
      JSON.stringify({ preferred_username: 'ada', scope: 'jobs:read', exp: 4_102_444_800 }),
    ).toString('base64url');
    const env = { SIMPLE_SCHEDULER_TOKEN: `x.${claims}.x` };
    const { code, out } = await cli.run(['whoami', '-o', 'json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      user: 'ada',
      scopes: ['jobs:read'],
      expiresAt: '2100-01-01T00:00:00.000Z',
      api: 'http://localhost:8080/api',
      login: 'token from the environment',
    });
    expect((await cli.run(['whoami', '-o', 'name'], { env })).out).toBe('ada\n');
  });

  test('none at all means not logged in', async () => {
    const sentence = expect.stringMatching(
      /^Error: You are not logged in to .*: run `simple-scheduler-cli login`\.\n$/,
    );
    expect(await cli.run(['whoami'])).toMatchObject({ code: 3, out: '', err: sentence });
    expect(await against(unauthorized, ['list', 'jobs'])).toMatchObject({ code: 3, out: '', err: sentence });
  });
});
