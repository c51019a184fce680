import { stripVTControlCharacters } from 'node:util';
import { jobSchema } from '@simple-scheduler/contracts';
import type { Job, Run } from '@simple-scheduler/contracts';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonText, yamlText } from './documents.ts';
import { lengthOfTime, relativeTime } from './human-time.ts';
import { jobView, scheduleInWords } from './job-view.ts';
import { printable, printableLines } from './printable.ts';
import { createPrinter } from './printer.ts';
import type { PrinterOptions } from './printer.ts';
import { runView } from './run-view.ts';
import { layOutTable } from './table.ts';

const NOW = Date.parse('2026-03-01T08:00:00.000Z');
const at = (offsetMs: number): string => new Date(NOW + offsetMs).toISOString();

const job: Job = jobSchema.parse({
  name: 'send-report',
  interval: 90_000,
  nextRunAt: at(185_000),
  runExecutionTimeout: 300_000,
  maxQueueCount: 2,
  payload: { to: ['team'] },
  createdAt: at(-1_000),
  updatedAt: at(-1_000),
  revision: 3,
});
const run: Run = {
  id: '0193a1b2c3d4e5f601234567',
  jobName: 'send-report',
  status: 'failed',
  trigger: 'schedule',
  scheduledAt: at(-62_000),
  createdTime: at(-62_000),
  startTime: at(-61_000),
  endTime: at(-59_750),
  attempt: 2,
  error: 'boom\n\u001b[31mred',
};

async function* of<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

async function printed(
  options: Partial<PrinterOptions>,
  act: (printer: ReturnType<typeof createPrinter>) => Promise<unknown>,
): Promise<string> {
  let text = '';
  const write = async (part: string): Promise<void> => void (text += part);
  await act(
    createPrinter({ format: 'table', colors: false, width: Number.POSITIVE_INFINITY, nowMs: NOW, write, ...options }),
  );
  return text;
}

describe('human times', () => {
  test.each([
    [0, 'now'],
    [999, 'now'],
    [-2_000, '2 s ago'],
    [185_000, 'in 3 m'],
    [11_520_000, 'in 3 h 12 m'],
    [-7_200_000, '2 h ago'],
    [299_990, 'in 5 m'],
    [59_700, 'in 1 m'],
    [3_599_000, 'in 1 h'],
    [86_399_000, 'in 1 d'],
    [100_000_000, 'in 1 d 4 h'],
    [-864_000_000, '10 d ago'],
  ])('%d ms from now is %s', (distanceMs, text) => {
    expect(relativeTime(at(distanceMs), NOW)).toBe(text);
  });

  test.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [1_250, '1.2 s'],
    [59_999, '59.9 s'],
    [250_000, '4 m 10 s'],
    [7_260_000, '2 h 1 m'],
  ])('%d ms long is %s', (ms, text) => {
    expect(lengthOfTime(ms)).toBe(text);
  });
});

describe('tables', () => {
  test('tell times as people do, leave out empty columns and end in no spaces', async () => {
    expect(
      await printed({}, (p) => p.list(jobView, of(job, { ...job, name: 'b', enabled: false, description: 'Mail' }))),
    ).toBe(
      [
        'NAME         SCHEDULE     STATE   NEXT RUN  DESCRIPTION',
        'send-report  every 1m30s  active  in 3 m',
        'b            every 1m30s  paused            Mail',
        '',
      ].join('\n'),
    );
  });

  test('are exact in wide output', async () => {
    const text = await printed({ format: 'wide' }, (p) => p.list(runView, of(run)));
    expect(text).toContain('2026-03-01T07:58:59.000Z');
    expect(text).toContain('1s250ms');
    expect(text).not.toContain('ago');
  });

  test('tell of a run that waits for its retry why it was not done yet', async () => {
    const { error: _error, endTime: _endTime, ...rest } = run;
    const attempts = [{ attempt: 1, endTime: at(-1_000), outcome: 'failed' as const, error: 'no route' }];
    const waiting: Run = { ...rest, status: 'pending', attempts, nextRetryAt: at(90_000) };
    expect(await printed({ format: 'wide' }, (p) => p.list(runView, of(waiting)))).toMatch(
      / NEXT TRY +NOTE\n.* 2026-03-01T08:01:30\.000Z +no route\n/,
    );
  });

  test('print control characters as escapes, and never a second line for a row', async () => {
    const text = await printed({}, (p) => p.list(runView, of(run)));
    expect(text).toContain('boom\\n\\u001b[31mred');
    expect(text.split('\n')).toHaveLength(3);
  });

  test('print nothing but a count for nothing', async () => {
    expect(await printed({}, async (p) => expect(await p.list(jobView, of())).toBe(0))).toBe('');
  });

  test('fit the width by cutting what may be cut, widest first', async () => {
    const wide = { ...job, name: `n${'a'.repeat(60)}`, description: 'ä界'.repeat(40) };
    const text = await printed({ width: 80 }, (p) => p.list(jobView, of(wide, job)));
    for (const line of text.trimEnd().split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(text).toContain('…');
    expect(text).toContain('every 1m30s');
  });

  test.each([40, 60, 80])('fit %d columns without what matters least', async (width) => {
    const text = await printed({ width }, (p) =>
      p.list(runView, of({ ...run, status: 'cancelling', reason: 'start_timeout' })),
    );
    const [head = '', row = ''] = text.split('\n');
    expect(head).toMatch(/^ID +.*STATUS/);
    expect(row).toMatch(/^0193a1b2c3d4e5f601234567 .*cancelling/);
    for (const line of [head, row]) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  });

  test('put what is wide one below the other where it has no room', async () => {
    const beside = await printed({ format: 'wide', width: 200 }, (p) => p.list(jobView, of(job, job)));
    expect(beside.trimEnd().split('\n')).toHaveLength(3);
    const below = await printed({ format: 'wide', width: 80 }, (p) => p.list(jobView, of(job, job)));
    expect(below).toMatch(/^NAME +send-report\nSCHEDULE +every 1m30s\n[^]*\n\nNAME +send-report\n/);
    expect(below).toContain('2026-03-01T08:03:05.000Z');
  });

  test('stay whole where nothing more can be cut', async () => {
    const lines = await layOutTable(
      [
        { title: 'ID', cells: ['x'.repeat(24)] },
        { title: 'S', cells: ['pending'] },
      ],
      10,
    );
    expect(lines[1]).toBe(`${'x'.repeat(24)}  pending`);
  });

  test('have colours only when asked to', async () => {
    const painted = await printed({ colors: true }, (p) => p.list(runView, of(run)));
    expect(painted).toContain('\u001b[31mfailed\u001b[39m');
    expect(stripVTControlCharacters(painted)).toBe(await printed({}, (p) => p.list(runView, of(run))));
  });
});

describe('one thing in full', () => {
  test('tells every field under its name, with both ways of telling a time', async () => {
    const text = await printed({}, (p) => p.details(jobView, job));
    expect(text).toContain('nextRunAt            2026-03-01T08:03:05.000Z (in 3 m)\n');
    expect(text).toContain('interval             1m30s\n');
    expect(text).toContain('heartbeatTimeout     none\n');
    expect(text.split('\n')[0]).toBe('name                 send-report');
    for (const field of Object.keys(job)) expect(text).toMatch(new RegExp(`^${field} `, 'm'));
  });

  test('keeps the lines of a long text, and escapes the rest', async () => {
    const text = await printed({ format: 'wide' }, (p) => p.details(runView, run));
    expect(text).toMatch(/^error +boom\n +\\u001b\[31mred$/m);
    expect(text).not.toContain('ago');
  });
});

describe('formats for programs', () => {
  const hostile = {
    text: 'a\u009b31m\u202e\u001b[0m\nb',
    plain: 'l1\nl2',
    'key\u0085': '~',
    date: '2026-01-01',
    no: 'no',
    n: null,
  };

  test('a list is one JSON document, also an empty one', async () => {
    expect(JSON.parse(await printed({ format: 'json' }, (p) => p.list(jobView, of(job, job))))).toEqual([job, job]);
    expect(await printed({ format: 'json' }, (p) => p.list(jobView, of()))).toBe('[]\n');
    expect(await printed({ format: 'json' }, (p) => p.list(jobView, of(job)))).toBe(
      `${JSON.stringify([job], undefined, 2)}\n`,
    );
  });

  test('a list is one YAML document, also an empty one', async () => {
    expect(parse(await printed({ format: 'yaml' }, (p) => p.list(jobView, of(job, job))))).toEqual([job, job]);
    expect(parse(await printed({ format: 'yaml' }, (p) => p.list(jobView, of())))).toEqual([]);
  });

  test('names are one to a line', async () => {
    expect(await printed({ format: 'name' }, (p) => p.list(runView, of(run, run)))).toBe(`${run.id}\n${run.id}\n`);
    expect(await printed({ format: 'name' }, (p) => p.details(jobView, job))).toBe('send-report\n');
  });

  test('JSON and YAML hold hostile text without letting it reach the terminal', async () => {
    const unsafe = /[^\n\P{Cc}]|[\u202e\u2028]/u;
    expect(jsonText(hostile)).not.toMatch(unsafe);
    expect(JSON.parse(jsonText(hostile))).toEqual(hostile);
    const yaml = await yamlText(hostile);
    expect(yaml).not.toMatch(unsafe);
    expect(parse(yaml)).toEqual(hostile);
    expect(yaml).toContain('plain: |-\n  l1\n  l2\n');
  });

  test.each([
    ...[
      'yes',
      'No',
      'on',
      'OFF',
      'y',
      'n',
      'true',
      'null',
      '~',
      '2026-01-01',
      '2026-01-01T00:00:00Z',
      '2026-1-1 0:00:00',
    ],
    ...['1:30', '190:20:30.15', '010', '0b1', '0x1F', '1_000', '.5', '1.', '.inf', '1e+3', '08', '<<', '='],
  ])('YAML keeps the text %s a text, also for readers of YAML 1.1', async (text) => {
    const value = { [text]: [text] };
    const yaml = await yamlText(value);
    expect(yaml).toBe(`"${text}":\n  - "${text}"\n`);
    expect([parse(yaml), parse(yaml, { version: '1.1' })]).toEqual([value, value]);
  });

  test('YAML quotes nothing that every reader takes for text', async () => {
    expect(await yamlText(['plain text', '30 2 * * *', 'Europe/Berlin'])).toBe(
      '- plain text\n- 30 2 * * *\n- Europe/Berlin\n',
    );
  });
});

test('printable escapes what would act on the terminal and nothing else', () => {
  expect(printable('tab\t bell\u0007 c1\u009b rtl\u202e lone\ud800 Grüße 界 👍')).toBe(
    'tab\\t bell\\u0007 c1\\u009b rtl\\u202e lone\ufffd Grüße 界 👍',
  );
  expect(printableLines('a\r\nb\u001b')).toBe('a\nb\\u001b');
});

test('schedules in words', () => {
  const { interval: _interval, nextRunAt: _nextRunAt, ...bare } = job;
  expect(scheduleInWords(job)).toBe('every 1m30s');
  expect(scheduleInWords({ ...bare, cron: '30 8 * * 1-5', timezone: 'Europe/Berlin' })).toBe(
    '30 8 * * 1-5 Europe/Berlin',
  );
  expect(scheduleInWords({ ...bare, cron: '0 0 * * *' })).toBe('0 0 * * *');
  expect(scheduleInWords({ ...bare, nextRunAt: at(0) })).toBe('once');
  expect(scheduleInWords(bare)).toBe('on request');
});
