import { ValidationError } from '@simple-scheduler/engine';

const BYTES_MAX = 63;

/** @throws ValidationError for a name that MongoDB would refuse at the first write. */
export function checkDatabaseName(dbName: string): void {
  const fail = (message: string): never => {
    throw new ValidationError([{ path: 'dbName', message }]);
  };
  if (dbName === '') fail('must not be empty');
  if (/[/\\. "$*<>:|?\0]/.test(dbName)) fail('must not contain any of / \\ . " $ * < > : | ? or a space');
  if (Buffer.byteLength(dbName) > BYTES_MAX) fail(`must not be longer than ${BYTES_MAX} bytes`);
  if (['admin', 'local', 'config'].includes(dbName)) fail(`must not be ${dbName}, which belongs to MongoDB itself`);
}
