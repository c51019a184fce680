import { SchedulerError, StoreUnavailableError, UnstorableError } from '@simple-scheduler/engine';
import {
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  type BulkWriteResult,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { toStoreError } from './errors.ts';

const plain = (text: string): string => text;
const server = (code: number, message = 'said the server'): MongoServerError => new MongoServerError({ message, code });

describe('errors of the driver', () => {
  it.each([server(10334), server(17419), new MongoInvalidArgumentError('Document is larger than the maximum size')])(
    'say that a record cannot be held: %s',
    (error) => {
      expect(toStoreError(error, plain)).toBeInstanceOf(UnstorableError);
    },
  );

  it.each([
    ['a connection that broke', new MongoNetworkError('read ECONNRESET')],
    ['a client that was closed', new MongoNotConnectedError('Client must be connected')],
    ['a topology that was closed', new MongoTopologyClosedError('Topology is closed')],
    ['no primary', server(10107)],
    ['a step down', server(189)],
    ['a shutdown', server(11600)],
    ['a command that took too long', server(50)],
    ['a write that no majority acknowledged in time', server(64)],
    ['a full disk', server(14031)],
    [
      'an error labelled retryable',
      new MongoServerError({ message: 'x', code: 1, errorLabels: ['RetryableWriteError'] }),
    ],
    [
      'a socket that the server closed just before a write',
      Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }),
    ],
    ['a name that could not be looked up', Object.assign(new Error('querySrv ETIMEOUT'), { syscall: 'querySrv' })],
  ])('say that the store is not available: %s', (_title, error) => {
    const mapped = toStoreError(error, plain);
    expect(mapped).toBeInstanceOf(StoreUnavailableError);
    expect(mapped).toMatchObject({ message: `MongoDB is not available: ${error.message}`, cause: error });
  });

  it('are looked for inside those of bulks', () => {
    const result = { getWriteConcernError: () => undefined } as BulkWriteResult;
    const broken = new MongoBulkWriteError(new MongoNetworkError('write EPIPE'), result);
    expect(toStoreError(broken, plain)).toBeInstanceOf(StoreUnavailableError);
    const refused = new MongoBulkWriteError({ message: 'too large', code: 10334, writeErrors: [] }, result);
    expect(toStoreError(refused, plain)).toMatchObject({ code: 'internal', retryable: false });
  });

  it('say who was refused, and that trying again is no use', () => {
    const mapped = toStoreError(server(18, 'Authentication failed.'), plain);
    expect(mapped).toBeInstanceOf(SchedulerError);
    expect(mapped).not.toBeInstanceOf(StoreUnavailableError);
    expect(mapped).toMatchObject({ retryable: false });
  });

  it('lose their cause rather than show a secret', () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '***');
    const mapped = toStoreError(new MongoNetworkError('no host hunter2'), redact) as Error;
    expect(mapped.message).toBe('MongoDB is not available: no host ***');
    expect(mapped.cause).toBeUndefined();
  });

  it('that are none of the driver’s, or were mapped before, stay as they are', () => {
    for (const error of [new TypeError('a bug'), new StoreUnavailableError('x'), 'no error at all'])
      expect(toStoreError(error, plain)).toBe(error);
  });
});
