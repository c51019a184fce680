import { fullRunRecord, runRecord, T0 } from '@simple-scheduler/conformance';
import { RUN_STATUSES } from '@simple-scheduler/contracts/vocabulary';
import { BSON, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { decodeRun, encodeRun, encodeRunChange, PHASES, phaseOf, readRun, type RunDocument } from './run-document.ts';

const { attempts: _, ...withoutAttempts } = fullRunRecord();

const roundTrip = (run: ReturnType<typeof runRecord>): unknown => {
  const bytes = Buffer.from(BSON.serialize({ ...encodeRun(run), updateMark: new ObjectId() }));
  const decoded = decodeRun(BSON.deserialize(bytes));
  const read = readRun(bytes as unknown as RunDocument);
  expect(read).toStrictEqual(decoded);
  expect(Object.keys(read)).toStrictEqual(Object.keys(decoded));
  return read;
};

describe('run documents', () => {
  it('give the record back, absent fields absent', () => {
    for (const run of [
      runRecord(),
      fullRunRecord(),
      withoutAttempts, // read from its bytes, which one with attempts is not
      runRecord({ output: null, attempts: [], progress: 0, message: '' }),
    ])
      expect(roundTrip(run)).toStrictEqual(run);
  });

  it('hold ids in 12 bytes', () => {
    const run = fullRunRecord();
    const document = encodeRun(run);
    expect(document._id).toStrictEqual(ObjectId.createFromHexString(run.id));
    expect(document['jobUid']).toStrictEqual(ObjectId.createFromHexString(run.jobUid));
    expect(document['parentRunId']).toBeInstanceOf(ObjectId);
  });

  it('keep what workers say exactly, well formed or not', () => {
    const attempts = [{ attempt: 1, endedAt: T0, outcome: 'failed' as const, error: '\ud800' }];
    const run = runRecord({ message: '\udfff', error: 'a\0b', workerId: '$x', output: { 'a\0': '\ud800' }, attempts });
    expect(roundTrip(run)).toStrictEqual(run);
  });
});

describe('phases', () => {
  it('are one for all live statuses, and the status itself once a run has ended', () => {
    expect(RUN_STATUSES.map((status) => [status, phaseOf(status)])).toStrictEqual([
      ['pending', 'live'],
      ['running', 'live'],
      ['cancelling', 'live'],
      ['cancelled', 'cancelled'],
      ['failed', 'failed'],
      ['completed', 'completed'],
      ['dead', 'dead'],
      ['skipped', 'skipped'],
    ]);
    expect(new Set(RUN_STATUSES.map(phaseOf))).toStrictEqual(new Set(PHASES));
  });

  it('follow the status through changes', () => {
    expect(encodeRun(runRecord({ status: 'skipped' })).phase).toBe('skipped');
    expect(encodeRunChange({ set: { status: 'failed', endedAt: T0 }, unset: ['slot'] })).toStrictEqual({
      $set: { status: 'failed', phase: 'failed', endedAt: new Date(T0) },
      $unset: { slot: '' },
    });
    expect(encodeRunChange({ set: { progress: 0.5 }, unset: [] }).$set).toStrictEqual({ progress: 0.5 });
  });
});
