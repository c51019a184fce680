import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realApi } from './real-api.ts';
import type { RealApi } from './real-api.ts';
import { openTerminal } from './tmux.ts';
import type { Terminal } from './tmux.ts';

let api: RealApi;
beforeAll(async () => {
  api = await realApi();
  await add({
    name: 'send-report',
    cron: '30 8 * * 1-5',
    timezone: 'Europe/Berlin',
    description: '報告書を送る, weekly',
  });
  await add({ name: 'nightly-archive-of-everything-that-is-old', interval: 5_400_000, enabled: false });
});
afterAll(() => api?.[Symbol.asyncDispose]());

const terminal = (columns: number, env: Record<string, string> = {}): Promise<Terminal> =>
  openTerminal({ columns, env: { SIMPLE_SCHEDULER_URL: api.url, ...env } });

async function add(job: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${api.url}/jobs`, { method: 'POST', headers, body: JSON.stringify(job) });
  expect(response.status).toBe(201);
}

const exists = async (name: string): Promise<boolean> => (await fetch(`${api.url}/jobs/${name}`)).status === 200;

test.each([40, 80, 120])('tables, help and errors keep within %d columns', async (columns) => {
  await using screen = await terminal(columns);
  await screen.command('sched run job send-report > /dev/null 2>&1');
  const jobs = (await screen.command('sched list jobs')).text.split('\n');
  expect(jobs).toHaveLength(3);
  expect(jobs[0]).toMatch(/^NAME +.*STATE +NEXT RUN/);
  expect(jobs[1]).toMatch(/^nightly-archive-.*paused/);
  const runs = (await screen.command('sched list runs')).text.split('\n');
  expect(runs[0]).toMatch(/^ID +.*STATUS/);
  expect(runs[1]).toMatch(/^[0-9a-f]{24} +.*(pending|skipped)/);
  const wide = (await screen.command('sched list jobs -o wide')).text.split('\n');
  if (columns < 120) expect(wide.join('')).toMatch(/^NAME +nightly-archive-of-everything-that-is-oldSCHEDULE +every/);
  const ticks = (await screen.command('sched next job send-report --count 2')).text.split('\n');
  expect(ticks).toHaveLength(3);
  const { text, code } = await screen.command('sched get job send-reprot');
  expect({ code, words: text.replaceAll('\n', ' ') }).toEqual({
    code: 1,
    words: 'Error: There is no job named send-reprot: did you mean send-report?',
  });
  for (const line of [...jobs, ...runs, ...wide, ...ticks]) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  if (columns < 80) return; // help has flags that are wider than half of that
  await screen.command('sched status --help');
  const help = (await screen.screen({ joined: true })).split('\n');
  for (const line of help) expect(stringWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
});

test('colours are on where they may be', async () => {
  await using screen = await terminal(80);
  await screen.command('sched list jobs; sched get job nope');
  const painted = await screen.screen({ styles: true });
  expect(painted).toContain('\u001b[32mactive');
  expect(painted).toContain('\u001b[31mError:');
  for (const plain of ['NO_COLOR=1 sched list jobs', 'sched --no-color list jobs', 'TERM=dumb sched list jobs']) {
    await screen.command(plain);
    expect(await screen.screen({ styles: true }), plain).not.toContain('\u001b[3');
  }
});

test('a delete is asked about; n, Ctrl-C and Ctrl-D leave the job there, y does not', async () => {
  await add({ name: 'precious' });
  await using screen = await terminal(100);
  for (const [text, key, code] of [
    ['n', 'Enter', 1],
    ['', 'C-d', 1],
    ['', 'C-c', 130],
  ] as const) {
    await screen.type('clear; sched delete job precious', 'Enter');
    await screen.shows(/^Delete the job precious\?.*\[y\/N\]/m);
    await screen.type(text, key);
    const after = await screen.shows(/\n>$/m);
    expect(/^Error: Nothing was deleted: /m.test(after)).toBe(code === 1);
    await screen.type('echo "[$?]"', 'Enter');
    await screen.shows(new RegExp(`^\\[${code}\\]$`, 'm'));
    expect(await exists('precious')).toBe(true);
  }
  await screen.type('clear; sched delete job precious; echo "[$?]"', 'Enter');
  await screen.shows(/\[y\/N\]/);
  await screen.type('y', 'Enter');
  await screen.shows(/^Deleted precious\.\n\[0\]$/m);
  expect(await exists('precious')).toBe(false);
});

test('what is watched stays in place, tells what changed, and ends at once with Ctrl-C', async () => {
  await add({ name: 'watched', interval: 3_600_000 });
  await using screen = await terminal(80);
  await screen.type('clear; sched list jobs -n watched --watch --every 200ms', 'Enter');
  await screen.shows(/^Every 0\.2 s.*Ctrl-C ends it\n\nNAME .*\nwatched .*active/m);
  await fetch(`${api.url}/jobs/watched/pause`, { method: 'POST' });
  const later = await screen.shows(/^watched .*paused/m);
  expect(later.match(/^NAME /gm)).toHaveLength(1);
  await screen.type('', 'C-c');
  await screen.shows(/\n>$/m);
  await screen.type('echo "[$?]"', 'Enter');
  await screen.shows(/^\[130\]$/m);
});

test('what is piped into a reader that leaves, or read from a script, says nothing of it', async () => {
  await using screen = await terminal(80);
  expect(await screen.command('sched list jobs --all -o name | head -1; sched list jobs | cat | grep -c NAME')).toEqual(
    {
      code: 0,
      text: 'nightly-archive-of-everything-that-is-old\n1',
    },
  );
});
