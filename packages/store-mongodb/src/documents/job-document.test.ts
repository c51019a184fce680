import { fullJobRecord, jobRecord, T0 } from '@simple-scheduler/conformance';
import { BSON, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { decodeJob, encodeJob, encodeJobChange, type JobDocument, labelsOf, readJob } from './job-document.ts';

const roundTrip = (job: ReturnType<typeof jobRecord>): unknown => {
  const bytes = Buffer.from(BSON.serialize(encodeJob(job)));
  const decoded = decodeJob(BSON.deserialize(bytes));
  const read = readJob(bytes as unknown as JobDocument);
  expect(read).toStrictEqual(decoded);
  expect(Object.keys(read)).toStrictEqual(Object.keys(decoded));
  return read;
};

describe('job documents', () => {
  it('give the record back, absent fields absent', () => {
    for (const job of [jobRecord(), fullJobRecord({ managerId: 'a1b2c3', leaseToken: 7 })])
      expect(roundTrip(job)).toStrictEqual(job);
  });

  it('are known by the uid, with times that people can read', () => {
    const job = fullJobRecord();
    const document = encodeJob(job);
    expect(document._id).toStrictEqual(ObjectId.createFromHexString(job.uid));
    expect(document).not.toHaveProperty('uid');
    expect(document['nextRunAt']).toStrictEqual(new Date(T0 + 60_000));
    expect(document['payload']).toBe('{"to":["team","boss"],"copies":2,"draft":false,"note":null}');
  });

  it('keep names and texts that BSON has no room for', () => {
    const meta = JSON.parse('{"__proto__":"x","a.b":"$c","\\u0000":"\\ud800"}') as Record<string, string>;
    const job = jobRecord({ description: 'lone \udc00 surrogate', meta, payload: { $set: { '': null } } });
    expect(roundTrip(job)).toStrictEqual(job);
  });

  it('are refused for a record with a field that would be lost', () => {
    expect(() => encodeJob({ ...jobRecord(), news: 1 } as ReturnType<typeof jobRecord>)).toThrow(TypeError);
  });

  it('leave out what is undefined', () => {
    const job = { ...jobRecord(), payload: undefined };
    expect(encodeJob(job)).not.toHaveProperty('payload');
  });
});

describe('labels', () => {
  it('tell apart what joining key and value would not', () => {
    expect(labelsOf({ 'a=b': 'c' })).not.toStrictEqual(labelsOf({ a: 'b=c' }));
    expect(labelsOf({ 'a","b': 'c' })).not.toStrictEqual(labelsOf({ a: 'b","c' }));
  });

  it('follow meta through edits', () => {
    expect(encodeJob(jobRecord({ meta: { a: '1' } })).labels).toStrictEqual(['["a","1"]']);
    expect(encodeJob(jobRecord({ meta: {} }))).not.toHaveProperty('labels');
    expect(encodeJobChange({ meta: { a: '1' } }, [])).toStrictEqual({
      $set: { meta: '{"a":"1"}', labels: ['["a","1"]'] },
      $unset: {},
    });
    expect(encodeJobChange({ meta: {} }, [])).toStrictEqual({ $set: { meta: '{}' }, $unset: { labels: '' } });
    expect(encodeJobChange({}, ['meta'])).toStrictEqual({ $set: {}, $unset: { meta: '', labels: '' } });
  });
});

describe('changes of jobs', () => {
  it('encode what they set and name what they unset', () => {
    expect(encodeJobChange({ nextRunAt: T0, payload: null, enabled: false }, ['cron', 'intervalMs'])).toStrictEqual({
      $set: { nextRunAt: new Date(T0), payload: 'null', enabled: false },
      $unset: { cron: '', intervalMs: '' },
    });
  });

  it('let a field that is set and unset end up absent', () => {
    expect(encodeJobChange({ cron: '* * * * *' }, ['cron'])).toStrictEqual({ $set: {}, $unset: { cron: '' } });
  });
});
