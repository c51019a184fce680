import { MongoBulkWriteError, MongoServerError, type WriteError } from 'mongodb';

const DUPLICATE_KEY = 11_000;

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * The statements of an unordered bulk that a unique key refused, all others having been carried out; throws the error
 * itself where it says anything else, such as that the rest is not known to be durable.
 */
export function refusedStatements(error: unknown): { readonly error: MongoBulkWriteError; readonly indexes: number[] } {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const refusals: WriteError[] = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  const durable = error.result.getWriteConcernError() === undefined;
  if (!durable || refusals.length === 0 || refusals.some((each) => each.code !== DUPLICATE_KEY)) throw error;
  return { error, indexes: refusals.map((each) => each.index) };
}
