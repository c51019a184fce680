import { describe, expect, it } from 'vitest';
import type { Db } from './harness.ts';
import { editOf } from './job-edits.ts';
import { jobRecord, newUid, runRecord, T0 } from './records.ts';

/** Names that the contract allows and that have broken stores before. */
const NAMES = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  'null',
  'undefined',
  'true',
  'NaN',
  'select',
  'a',
  'A',
  '0',
  '00',
  '1e3',
  '1E3',
  '0x10',
  'a_b',
  'a.b',
  'a-b',
  'aXb',
  'a..b',
  'a--b',
  'a--',
  'a__proto__',
  'x.__proto__',
  'job.name',
  'Z',
  'z',
  'z_',
  'z.',
  'z-',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-',
  'n'.repeat(200),
  `${'n'.repeat(199)}N`,
  `${'n'.repeat(199)}.`,
] as const;

/** What people may look up although no record can have it. */
const NEVER_NAMES = [
  '',
  ' ',
  "x' OR '1'='1",
  '"',
  ';',
  '\0',
  'a\0',
  'a\0b',
  '%',
  '_',
  '.*',
  '$where',
  '$ne',
  '\ud800',
  'é',
  'e\u0301',
  'x'.repeat(10_000),
] as const;

let nested: unknown = 'bottom';
for (let level = 0; level < 60; level += 1) nested = level % 2 === 0 ? { in: nested } : [nested];

/** As they come out of `JSON.parse`, which makes own properties of names like `__proto__`. */
const VALUES: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['false', 'false'],
  ['zero', '0'],
  ['an empty string', '""'],
  ['an empty object', '{}'],
  ['an empty array', '[]'],
  ['nested empties', '{"a":{},"b":[],"c":[[],{},null,""]}'],
  ['nulls in places', '{"a":null,"b":[null,null]}'],
  [
    'names of the prototype',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":null}',
  ],
  ['operators', '{"$where":"sleep(1)","$ne":null,"$set":{"$inc":1},"$":1,"a.$.b":2,"$$ROOT":"$$ROOT"}'],
  ['a text that names a field', '"$jobName"'],
  ['a text that names the whole record', '"$$ROOT"'],
  ['a document that looks like an expression', '{"$concat":["$name","$uid"]}'],
  [
    'a document that looks like an extended type',
    '{"$oid":"507f1f77bcf86cd799439011","$date":"2026-01-01T00:00:00Z","$numberLong":"1","$binary":""}',
  ],
  ['dots in names', '{"a.b":1,"a":{"b":2},".":3,"..":4,"":5," ":6}'],
  ['NUL', '{"a\\u0000b":"c\\u0000d","\\u0000":"\\u0000"}'],
  ['lone surrogates', '{"high":"\\ud800","low":"\\udc00","wrong":"\\udc00\\ud800","\\ud83d":"key"}'],
  ['text of other planes', '"𝔘𝔫𝔦 👩‍👩‍👧‍👦 \\u202e \\ufeff \\ufffe \\uffff é e\u0301"'],
  ['control characters and quotes', '"\\"\'`\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u2028\\u2029--;/*"'],
  [
    'great and small numbers',
    '[9007199254740991,-9007199254740991,1e308,-1e308,5e-324,0.1,0.30000000000000004,1e21,9007199254740994,2147483648,4294967296]',
  ],
  ['numbers as names', '{"10":"b","9":"a","-1":"c","1e3":"d","01":"e"}'],
  ['the order of names', '{"z":1,"a":2,"m":3,"B":4}'],
  ['deep nesting', JSON.stringify(nested)],
  ['a long text', JSON.stringify('x'.repeat(60_000))],
  ['many names', JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])))],
];

const LABELS: readonly Readonly<Record<string, string>>[] = [
  JSON.parse('{"__proto__":"x"}') as Record<string, string>,
  { constructor: 'toString' },
  { $where: '$ne', 'a.b': '1', a: '2', '': 'no name', $: '.' },
  { 'key\0': 'value\0', key: 'value' },
  { '\ud800': '\udc00', '\udc00': '\ud800' },
  { "quote'": '"', '%': '_', '\\': '\\\\' },
  { ['k'.repeat(256)]: 'v'.repeat(256) },
  { é: 'e\u0301', 'e\u0301': 'é' },
];

const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '$jobName',
  '$$ROOT',
  "'; drop table runs; --",
  '👩‍👩‍👧‍👦',
  '\u202e\ufeff\uffff',
  'x'.repeat(8_192),
  '1',
  'null',
] as const;

const exactly = (value: unknown): string => JSON.stringify(value);

export function hostileTests(db: Db): void {
  describe('hostile names', () => {
    it('keeps every name that is allowed apart from all others', async () => {
      const jobs = NAMES.map((name) => jobRecord({ name }));
      for (const job of jobs) expect(await db.store.insertJob(job), job.name).toBe('inserted');
      for (const job of jobs) {
        expect(await db.second.getJob(job.name)).toStrictEqual(job);
        expect((await db.second.listJobs({ limit: 9, name: job.name })).jobs).toStrictEqual([job]);
        const prefixed = (await db.second.listJobs({ limit: 99, namePrefix: job.name })).jobs.map((j) => j.name);
        expect(prefixed).toStrictEqual(NAMES.filter((name) => name.startsWith(job.name)).sort());
      }
      expect((await db.store.getJobs(NAMES)).map((job) => job.name).sort()).toStrictEqual([...NAMES].sort());
      expect((await db.store.listJobs({ limit: 99 })).jobs.map((job) => job.name)).toStrictEqual([...NAMES].sort());
    });

    it('takes, advances, frees, edits and deletes them', async () => {
      for (const name of NAMES) await db.store.insertJob(jobRecord({ name }));
      const manager = newUid();
      const held = await db.store.takeFreeJobs(manager, 99);
      expect(held.map((job) => job.name).sort()).toStrictEqual([...NAMES].sort());
      const jobs = new Map((await db.store.getJobs(NAMES)).map((job) => [job.name, job]));
      const advances = held.map(({ name, leaseToken, nextRunAt }) => {
        const job = jobs.get(name);
        return {
          name,
          uid: job?.uid ?? '',
          epoch: 0,
          managerId: manager,
          leaseToken,
          from: nextRunAt,
          to: nextRunAt + 1,
        };
      });
      expect(await db.store.advanceJobs(advances)).toStrictEqual(advances.map(() => 'advanced'));
      expect(await db.store.releaseJobs(manager, held)).toBe(NAMES.length);
      for (const { name, to } of advances) {
        const job = { ...(jobs.get(name) ?? jobRecord()), nextRunAt: to };
        expect((await db.store.editJob(editOf(job, { set: { description: name } }))).outcome).toBe('updated');
        expect(await db.store.deleteJob({ ...job, revision: 2 })).toBe('deleted');
        expect(await db.store.getJob(name)).toBeNull();
      }
      const deleted = (await db.store.listDeletions(99)).map(({ job }) => job.description);
      expect(deleted).toHaveLength(NAMES.length);
      expect(new Set(deleted)).toStrictEqual(new Set(NAMES));
    });

    it('lists the runs of each', async () => {
      const runs = NAMES.map((jobName) => runRecord({ jobName, jobUid: newUid(), workQueue: jobName }));
      await db.store.insertRuns(runs);
      for (const run of runs)
        expect((await db.second.listRuns({ limit: 9, jobName: run.jobName })).runs).toStrictEqual([run]);
    });

    it('finds nothing, and breaks nothing, by names and ids that cannot be', async () => {
      const job = jobRecord();
      const run = runRecord();
      await db.store.insertJob(job);
      await db.store.insertRuns([run]);
      for (const text of NEVER_NAMES) {
        expect(await db.store.getJob(text)).toBeNull();
        expect(await db.store.getRun(text)).toBeNull();
        expect((await db.store.listJobs({ limit: 9, name: text })).jobs).toStrictEqual([]);
        expect((await db.store.listRuns({ limit: 9, jobName: text })).runs).toStrictEqual([]);
        expect(await db.store.deleteJob({ name: text, uid: text, revision: 1 })).toBe('not_found');
        expect(await db.store.liveRuns(text, 9)).toStrictEqual([]);
        expect(await db.store.heldJobs(text, { limit: 9 })).toStrictEqual([]);
      }
      expect(await db.store.getJobs([...NEVER_NAMES, job.name])).toStrictEqual([job]);
      expect(await db.store.getRuns([...NEVER_NAMES, run.id])).toStrictEqual([run]);
      expect(await db.store.oldestWaiting(NEVER_NAMES)).toStrictEqual([]);
      expect(await db.store.listJobs({ limit: 9, after: '' })).toStrictEqual({ jobs: [job] });
    });
  });

  describe('hostile values', () => {
    it.each(VALUES)('keeps a payload, an output and an edit of %s exactly', async (_title, json) => {
      const value = JSON.parse(json) as unknown;
      const created = jobRecord({ payload: value });
      const edited = jobRecord({ payload: 'before' });
      await db.store.insertJob(created);
      await db.store.insertJob(edited);
      const answer = await db.store.editJob(editOf(edited, { set: { payload: value } }));
      expect(exactly(answer.outcome === 'updated' ? answer.job.payload : answer)).toBe(exactly(value));
      for (const name of [created.name, edited.name]) {
        const job = await db.second.getJob(name);
        expect(job).toHaveProperty('payload');
        expect(exactly(job?.payload)).toBe(exactly(value));
      }
      const [run, updated] = [runRecord({ payload: value, output: value }), runRecord({ output: 'before' })];
      await db.store.insertRuns([run, updated]);
      await db.store.updateRuns([{ id: updated.id, rev: 0, change: { set: { output: value }, unset: [] } }]);
      const stored = await db.second.getRun(run.id);
      expect(stored).toHaveProperty('payload');
      expect(exactly([stored?.payload, stored?.output])).toBe(exactly([value, value]));
      const after = await db.second.getRun(updated.id);
      expect(after).toHaveProperty('output');
      expect(exactly(after?.output)).toBe(exactly(value));
      const deleted = await db.store.deleteJob(created);
      const [deletion] = await db.store.listDeletions(1);
      expect([deleted, exactly(deletion?.job.payload)]).toStrictEqual(['deleted', exactly(value)]);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('keeps labels exactly, and finds jobs by each of them and by no other', async () => {
      const jobs = LABELS.map((meta, i) => jobRecord({ name: `l${i}`, meta }));
      for (const job of jobs) await db.store.insertJob(job);
      for (const [i, labels] of LABELS.entries()) {
        expect(exactly((await db.second.getJob(`l${i}`))?.meta)).toBe(exactly(labels));
        expect((await db.second.listJobs({ limit: 9, meta: labels })).jobs.map((job) => job.name)).toStrictEqual([
          `l${i}`,
        ]);
        for (const [key, value] of Object.entries(labels)) {
          const one = JSON.parse(JSON.stringify({ [key]: value })) as Record<string, string>;
          expect(
            (await db.second.listJobs({ limit: 9, meta: one })).jobs.map((job) => job.name),
            exactly(one),
          ).toStrictEqual([`l${i}`]);
          expect((await db.second.listJobs({ limit: 9, meta: { [`${key}x`]: value } })).jobs).toStrictEqual([]);
        }
        const edited = jobRecord({ name: `e${i}` });
        await db.store.insertJob(edited);
        await db.store.editJob(editOf(edited, { set: { meta: { ...labels, edited: '1' } } }));
        expect(
          (await db.store.listJobs({ limit: 9, meta: { ...labels, edited: '1' } })).jobs.map((job) => job.name),
        ).toStrictEqual([`e${i}`]);
        await db.store.deleteJob({ ...edited, revision: 2 });
      }
    });

    it.each(TEXTS)('keeps the text %j', async (text) => {
      const job = jobRecord({ description: text });
      const edited = jobRecord();
      await db.store.insertJob(job);
      await db.store.insertJob(edited);
      await db.store.editJob(editOf(edited, { set: { description: text } }));
      expect(await db.second.getJob(job.name)).toStrictEqual(job);
      expect((await db.second.getJob(edited.name))?.description).toBe(text);
      const set = {
        message: text,
        error: text,
        workerId: text,
        attempts: [{ attempt: 1, endedAt: T0, outcome: 'failed' as const, error: text, workerId: text }],
      };
      const [run, updated, beating] = [runRecord(set), runRecord(), runRecord({ status: 'running' })];
      await db.store.insertRuns([run, updated, beating]);
      await db.store.updateRuns([{ id: updated.id, rev: 0, change: { set, unset: [] } }]);
      await db.store.recordHeartbeats([{ id: beating.id, attempt: 1, at: T0 + 1, message: text }]);
      expect(await db.second.getRun(run.id)).toStrictEqual(run);
      expect(await db.second.getRun(updated.id)).toStrictEqual({ ...updated, ...set, rev: 1 });
      expect((await db.second.getRun(beating.id))?.message).toBe(text);
    });

    it('takes texts that are not well formed; it may replace what is not', async () => {
      const text = 'a\ud800b\udc00';
      const run = runRecord({ message: text, error: text, workerId: text });
      expect(await db.store.insertRuns([run])).toStrictEqual(['created']);
      const stored = await db.second.getRun(run.id);
      for (const kept of [stored?.message, stored?.error, stored?.workerId])
        expect(kept?.toWellFormed()).toBe('a\ufffdb\ufffd');
    });

    it('keeps times from the year 0 to the end of all dates', async () => {
      for (const at of [-62_167_219_200_000, -1, 0, 4_294_967_296, 253_402_300_799_999, 8_640_000_000_000_000]) {
        const job = jobRecord({ nextRunAt: at, updatedAt: at });
        const run = runRecord({ scheduledAt: at, watchAt: at, startedAt: at });
        await db.store.insertJob(job);
        await db.store.insertRuns([run]);
        expect(await db.second.getJob(job.name)).toStrictEqual(job);
        expect(await db.second.getRun(run.id)).toStrictEqual(run);
      }
      expect(await db.store.nextWatchAt()).toBe(-62_167_219_200_000);
      expect((await db.store.dueRuns(0, 50)).map((run) => run.watchAt)).toStrictEqual([-62_167_219_200_000, -1, 0]);
    });
  });
}
