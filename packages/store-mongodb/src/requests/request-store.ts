import type { RequestRecord, RequestStore } from '@simple-scheduler/engine';
import { isDuplicateKey } from '../connection/duplicate-key.ts';
import { type Database, inOneBatch } from '../database.ts';
import { decodeRequest, encodeAnswer, encodeRequest } from '../documents/request-document.ts';
import { text } from '../documents/values.ts';
import { REQUEST_INDEX } from '../index-names.ts';

export function requestStore({ connection, requests }: Database): RequestStore {
  const { limits } = connection;

  const find = async (id: string): Promise<RequestRecord | null> => {
    const found = await requests.findOne({ _id: text.encode(id) as string }, limits);
    return found === null ? null : decodeRequest(found);
  };

  const keep = async (request: RequestRecord): Promise<RequestRecord> => {
    try {
      await requests.insertOne(encodeRequest(request), limits);
      return request;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Null where it was forgotten in between: then its id is free.
      return (await find(request.id)) ?? keep(request);
    }
  };

  return {
    getRequest: (id) => connection.call(() => find(id)),

    keepRequest: (request) => connection.call(() => keep(request)),

    answerRequest: (id, answer) =>
      connection.call(async () => {
        const { matchedCount } = await requests.updateOne(
          { _id: text.encode(id) as string, open: true },
          { $set: { answer: encodeAnswer(answer) }, $unset: { open: '' } },
          limits,
        );
        return matchedCount > 0 ? answer : ((await find(id))?.answer ?? null);
      }),

    openRequests: ({ after, limit }) =>
      connection.call(async () => {
        if (limit <= 0) return [];
        const filter = { open: true as const, ...(after === undefined ? {} : { _id: { $gt: after } }) };
        const options = { ...limits, ...inOneBatch(limit), hint: REQUEST_INDEX.open, sort: { _id: 1 } as const };
        return (await requests.find(filter, options).toArray()).map(decodeRequest);
      }),

    forgetRequests: (createdBefore, limit) =>
      connection.call(async () => {
        if (limit <= 0) return 0;
        const old = await requests
          .find(
            { createdAt: { $lt: new Date(createdBefore) } },
            {
              ...limits,
              ...inOneBatch(limit),
              hint: REQUEST_INDEX.createdAt,
              sort: { createdAt: 1 },
              projection: { _id: 1 },
            },
          )
          .toArray();
        if (old.length === 0) return 0;
        const { deletedCount } = await requests.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } }, limits);
        return deletedCount;
      }),
  };
}
