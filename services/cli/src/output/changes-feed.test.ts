import { runSchema } from '@simple-scheduler/contracts';
import type { Run } from '@simple-scheduler/contracts';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { changesFeed } from './changes-feed.ts';
import type { OutputFormat } from './printer.ts';
import { runView } from './run-view.ts';

const run = (number: number, fields: Partial<Run> = {}): Run =>
  runSchema.parse({
    id: number.toString(16).padStart(24, '0'),
    jobName: 'j',
    status: 'running',
    trigger: 'manual',
    scheduledAt: '2026-03-01T08:00:00.000Z',
    createdTime: '2026-03-01T08:00:00.000Z',
    attempt: 1,
    ...fields,
  });

async function told(format: OutputFormat, ...looks: { items: Run[]; isCut?: boolean }[]): Promise<string[]> {
  const texts: string[] = [];
  const tell = changesFeed(runView, format, async (text) => void texts.push(text));
  for (const { items, isCut = false } of looks) {
    await tell({ items, isCut });
    texts.push('|');
  }
  return texts;
}

test('tells what is there, comes, changes and goes, and not a word of what stays', async () => {
  const texts = await told(
    'json',
    { items: [run(1), run(2)] },
    { items: [run(1, { heartbeat: '2026-03-01T08:00:01.000Z' }), run(2)] },
    { items: [run(3), run(1, { status: 'failed', error: 'a\n\u001b[31mb' })] },
  );
  expect(
    texts.filter((text) => text !== '|').every((text) => /^[^\n]+\n$/.test(text) && !text.includes('\u001b')),
  ).toBe(true);
  const seen = texts.map((text) => {
    if (text === '|') return text;
    const { change, item } = JSON.parse(text) as { change: string; item: Run };
    return `${change} ${Number(item.id)} ${item.status}`;
  });
  expect(seen).toEqual([
    ...['current 1 running', 'current 2 running', '|'],
    '|',
    ...['added 3 running', 'changed 1 failed', 'removed 2 running', '|'],
  ]);
});

test('what falls off the end of a list that is cut has not gone', async () => {
  expect(await told('name', { items: [run(1)], isCut: true }, { items: [run(2)], isCut: true })).toEqual([
    `${run(1).id}\n`,
    '|',
    `${run(2).id}\n`,
    '|',
  ]);
});

test('is a line for people, and documents in YAML', async () => {
  const failed = run(1, { status: 'failed', error: 'two\nlines' });
  const [line] = await told('table', { items: [failed] });
  expect(line).toMatch(
    /^\d{4}-\S+Z {2}current {2}0{23}1 {2}j {2}failed {2}manual {2}2026-03-01T08:00:00\.000Z {2}1 {2}two\\nlines\n$/,
  );
  const yaml = (await told('yaml', { items: [failed, run(2)] })).slice(0, 2).join('');
  expect(parseAllDocuments(yaml).map((document) => document.toJS() as unknown)).toEqual([
    { change: 'current', item: failed },
    { change: 'current', item: run(2) },
  ]);
});
