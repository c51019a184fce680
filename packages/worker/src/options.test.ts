import { expect, test } from 'vitest';
import { createWorker } from './create-worker.ts';
import { settingsOf, type WorkerOptions } from './options.ts';

const url = 'amqp://localhost/';
const jobs = { 'a-job': () => undefined };

test('defaults are filled in', () => {
  const settings = settingsOf({ url, jobs });
  expect(settings).toMatchObject({ concurrency: 10, maxUnconfirmed: 1_000, stopTimeoutMs: 10_000 });
  expect(settings.workerId).toMatch(/:\d+:[0-9a-f]{6}$/);
});

test.each<[WorkerOptions, RegExp]>([
  [{ jobs }, /either url or transport/],
  [{ url }, /at least one job/],
  [{ url, jobs: { 'no name': () => 1 } }, /"no name" is not a job name/],
  [{ url, jobs: { '*': () => 1 } }, /"\*" is not a job name/],
  [{ url, jobs: { a: 'no function' as never } }, /jobs.a must be a function/],
  [{ url, queues: { q: { jobs: {} } } }, /queues.q.jobs must name at least one job/],
  [{ url, queues: { '.q': { jobs } } }, /".q" is not a name/],
  [{ url, jobs, concurrency: 0 }, /concurrency/],
  [{ url, jobs, workerId: 'x'.repeat(257) }, /workerId/],
  [{ url, jobs, heartbeatIntervalMs: 0.5 }, /heartbeatIntervalMs/],
  [{ url, jobs, maxUnconfirmed: 0 }, /maxUnconfirmed/],
  [{ url, jobs, stopTimeoutMs: -1 }, /stopTimeoutMs/],
  [{ url: 'http://secret@localhost', jobs }, /^url must look like amqp:/],
])('wrong options are refused by name: %o', (options, message) => {
  expect(() => createWorker(options)).toThrow(message);
});

test('all that is wrong is named at once', () => {
  expect(() => settingsOf({ concurrency: 0, stopTimeoutMs: 1.5 })).toThrow(/url.*jobs.*concurrency.*stopTimeoutMs/);
});
