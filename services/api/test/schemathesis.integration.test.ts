import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { obtainSchemathesis, privateFolder } from '@simple-scheduler/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOidcAuthenticator, serveApi } from '../src/index.ts';
import { type ApiUnderTest, openApi } from './api-under-test.ts';
import { AUDIENCE, type IssuerUnderTest, openIssuer } from './issuer-under-test.ts';

/** Bounds of the run; the same seed tries the same requests. */
const SEED = '20260301';
const EXAMPLES = '12';
const BUDGET_S = 60;

let python: string;
let issuer: IssuerUnderTest;
let api: ApiUnderTest;
beforeAll(async () => {
  python = await obtainSchemathesis();
  issuer = await openIssuer();
  const authenticator = createOidcAuthenticator({ issuer: issuer.url, audience: AUDIENCE });
  // Streams that end at once: it reads each to its end.
  const events = { lifetimeMs: 20 };
  api = await openApi({ auth: { kind: 'oidc', issuer: issuer.url, authenticator }, events });
});
afterAll(async () => {
  await api.close();
  await issuer.stop();
});

/** What it printed, and how it ended: 0 when it found nothing. */
async function schemathesis(args: readonly string[], folder: string): Promise<{ exitCode: number; output: string }> {
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const hooks = join(import.meta.dirname, 'schemathesis_hooks.py');
  return new Promise((resolve) => {
    const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks, PYTHONDONTWRITEBYTECODE: '1' };
    const options = { cwd: folder, env, timeout: BUDGET_S * 4 * 1_000, maxBuffer: 64 * 1_024 * 1_024 };
    const all = ['-m', 'schemathesis.cli', '--no-color', '--config-file', config, ...args];
    execFile(python, all, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}

it(
  'schemathesis finds nothing that the API does otherwise than its OpenAPI document says',
  async () => {
    const { paths } = api.app.swagger() as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
    const { address } = await serveApi(api.app, { host: '127.0.0.1', port: 0 });
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
    const { exitCode, output } = await schemathesis(
      [
        ...['run', `http://127.0.0.1:${address.port}/api/openapi.json`],
        ...['--header', `Authorization: Bearer ${token}`],
        ...['--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--continue-on-failure'],
        ...['--max-examples', EXAMPLES, '--seed', SEED, '--max-time', String(BUDGET_S), '--no-shrink'],
        ...['--generation-database', 'none'],
      ],
      await privateFolder('schemathesis'),
    );
    expect(exitCode, output).toBe(0);
    // Not a run that tried next to nothing, or was let in nowhere. How much it tries depends on the machine.
    const [, selected, tested] = /Selected: (\d+)\/\d+\s+Tested: (\d+)/.exec(output) ?? [];
    expect([Number(selected), tested]).toEqual([operations, selected]);
    expect(Number(/(\d+) generated/.exec(output)?.[1] ?? 0), output).toBeGreaterThan(operations * 5);
    expect((await api.store.listRuns({ limit: 1 })).runs).toHaveLength(1);
    expect(api.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  },
  BUDGET_S * 5 * 1_000,
);
