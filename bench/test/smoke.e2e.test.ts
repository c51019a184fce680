import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SERVER_VARIABLES } from '@simple-scheduler/testkit';
import { sharedMongodb, sharedRabbitmq } from '@simple-scheduler/testkit/vitest';
import { expect, test } from 'vitest';
import { SMOKE } from '../src/parameters.ts';
import type { Result } from '../src/report.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const OUTPUT_MAX = 2 ** 24;

test('a smoke run of the benchmark finds nothing lost, nothing doubled and no figure missing', async () => {
  const [mongodb, rabbitmq] = [await sharedMongodb(), await sharedRabbitmq()];
  const servers = {
    [SERVER_VARIABLES.mongodb]: mongodb.url,
    [SERVER_VARIABLES.rabbitmq]: rabbitmq.url,
    [SERVER_VARIABLES.rabbitmqManagement]: rabbitmq.managementUrl,
  };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=x-source', MAIN, '--smoke'], {
    env: { ...process.env, ...servers },
    maxBuffer: OUTPUT_MAX,
  }).catch((error: Error & { stderr: string }) => Promise.reject(new Error(error.stderr, { cause: error })));
  const results = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Result);
  const { w7: _same, peers: _tested, ...smoked } = SMOKE;
  const expected = Object.entries(smoked).flatMap(([workload, plans]) => plans.map(() => workload));
  expect(results.map(({ workload }) => workload).toSorted(), stderr).toEqual(expected.toSorted());
  expect(results.flatMap(({ workload, faults }) => faults.map((fault) => `${workload}: ${fault}`))).toEqual([]);
  expect(results.every(({ versions, machine }) => versions['node'] !== undefined && machine.cores > 0)).toBe(true);
});
